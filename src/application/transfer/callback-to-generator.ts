/**
 * What `run` hands over, one after the other: each `hand` resolves when that was taken and the next is wanted, and
 * rejects when nobody wants any more. Throws what `run` throws.
 */
export async function* callbackToGenerator<T>(
  run: (hand: (item: T) => Promise<void>) => Promise<void>,
): AsyncGenerator<T, void, undefined> {
  let offer: (one: { readonly item: T } | undefined) => void = () => {};
  let take: () => void = () => {};
  let stop: (reason: Error) => void = () => {};
  let over = false;
  const next = () =>
    new Promise<{ readonly item: T } | undefined>((resolve) => {
      offer = resolve;
    });
  let offered = next();
  const done = run(
    (item) =>
      new Promise<void>((resolve, reject) => {
        if (over) throw new Error(abandonedMessage);
        take = resolve;
        stop = reject;
        offer({ item });
      }),
  ).finally(() => offer(undefined));
  // It is looked at below, which may be later than it fails.
  done.catch(() => {});
  try {
    for (let one = await offered; one !== undefined; one = await offered) {
      yield one.item;
      offered = next();
      take();
    }
    await done;
  } finally {
    over = true;
    stop(new Error(abandonedMessage));
  }
}

const abandonedMessage = 'Nobody wants any more.';

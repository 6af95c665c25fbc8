/**
 * Does the work over and over, so many milliseconds after it was last done, and keeps no process alive for it; `onFault`
 * hears when it failed, which ends nothing. Returns how to end it, which resolves when it is not being done any more.
 */
export function repeat(
  work: () => Promise<unknown>,
  milliseconds: number,
  onFault: (fault: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const wait = () => {
    if (!ended) timer = setTimeout(run, milliseconds).unref();
  };
  const run = () => {
    running = work()
      .then(() => {}, onFault)
      .then(wait);
  };
  wait();
  return async () => {
    ended = true;
    clearTimeout(timer);
    await running;
  };
}

/** Calls this every second, and keeps no process alive for it; returns how to end that. */
export function everySecond(beat: () => void): () => void {
  const timer = setInterval(beat, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

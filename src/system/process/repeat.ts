/**
 * Runs the work again and again, `intervalMs` after each run has ended; the timer does not keep the process alive.
 * `onError` receives the error of a failed run, and the next run follows. Returns what stops it and waits for the
 * present run.
 */
export function repeat(
  work: () => Promise<unknown>,
  intervalMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const schedule = () => {
    if (!isStopped) timer = setTimeout(run, intervalMs).unref();
  };
  const run = () => {
    running = work()
      .then(() => {}, onError)
      .then(schedule);
  };
  schedule();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

/** Calls the function every second; the timer does not keep the process alive. Returns what stops it. */
export function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

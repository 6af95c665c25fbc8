/** Calls this every second, and keeps no process alive for it; returns how to end that. */
export function everySecond(beat: () => void): () => void {
  const timer = setInterval(beat, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

/** What to do after a connection was closed: stop for good, or try again after so many milliseconds. */
export type ReconnectPlan =
  | { readonly stop: true }
  | { readonly stop: false; readonly afterMs: number; readonly newToken: boolean };

const initialDelayMs = 500;
const maxDelayMs = 30_000;

/**
 * The plan for a close code, by its range: 4000–4099 reconnect, 4100–4199 back off first, 4200–4299 get a new token
 * first, 4500–4999 stop; anything else is an accident. `failures` counts the attempts in a row that came to nothing,
 * `random` is from 0 to 1, and `bidden` is what the server said about when to come back.
 */
export function planReconnect(
  code: number,
  { failures, random, bidden }: { failures: number; random: number; bidden: number | undefined },
): ReconnectPlan {
  if (code >= 4500 && code <= 4999) return { stop: true };
  const backOff = Math.min(maxDelayMs, initialDelayMs * 2 ** failures) * (0.5 + random / 2);
  if (code >= 4200 && code <= 4299) {
    // The first new token is worth an attempt at once.
    return { stop: false, afterMs: failures === 0 ? 0 : backOff, newToken: true };
  }
  if (code >= 4000 && code <= 4099) return { stop: false, afterMs: bidden ?? backOff, newToken: false };
  const floor = code >= 4100 && code <= 4199 ? initialDelayMs : 0;
  return { stop: false, afterMs: floor + backOff, newToken: false };
}

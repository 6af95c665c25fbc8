import { CommandError } from '../command/command.ts';

/**
 * How long a command waits until an answer begins, in milliseconds: twice as long as a server may hold a request that
 * waits for something.
 */
export const maxAnswerMs = 120_000;

/** `fetch`, which rejects with a CommandError when no answer has begun after so many milliseconds. */
export function boundedFetch(milliseconds: number): typeof fetch {
  return async (input, init) => {
    const limit = new AbortController();
    const seconds = Math.round(milliseconds / 1000);
    const error = new CommandError(
      `${new URL(String(input)).origin} accepts connections and does not answer: given up after ${seconds} seconds.`,
    );
    const timer = setTimeout(() => limit.abort(error), milliseconds);
    const signals = init?.signal ? [init.signal, limit.signal] : [limit.signal];
    try {
      return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
    } finally {
      clearTimeout(timer);
    }
  };
}

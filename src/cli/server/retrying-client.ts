import { setTimeout } from 'node:timers/promises';
import { CommandError } from '../command/command.ts';
import { ResponseError, type ServerClient } from './server-client.ts';

const initialDelayMs = 100;
const maxDelayMs = 5000;

/** A server that may be away for a while: whatever is sent is sent again until it is answered. */
export class RetryingClient {
  readonly #connect: () => Promise<ServerClient>;
  readonly #signal: AbortSignal;

  /** `connect` finds the server anew for each attempt; `signal` ends the attempts. */
  constructor(connect: () => Promise<ServerClient>, signal: AbortSignal) {
    this.#connect = connect;
    this.#signal = signal;
  }

  /** Where the server is now, and the credential for it. Throws CommandError when it is nowhere. */
  connection(): Promise<ServerClient> {
    return this.#connect();
  }

  /**
   * Sends one request until it is answered. `send` gets the same Idempotency-Key at every attempt, so that a change
   * happens once. Throws ResponseError when the answer is one that will stay.
   */
  async request<T>(send: (server: ServerClient, idempotencyKey: string) => Promise<T>): Promise<T> {
    const idempotencyKey = crypto.randomUUID();
    for (let pause = initialDelayMs; ; pause = Math.min(2 * pause, maxDelayMs)) {
      try {
        return await send(await this.#connect(), idempotencyKey);
      } catch (error) {
        if (!isRetryable(error) || this.#signal.aborted) throw error;
      }
      await setTimeout(pause, undefined, { signal: this.#signal }).catch(() => {});
    }
  }
}

/** Whether the same request may well be answered later. */
function isRetryable(error: unknown): boolean {
  if (error instanceof ResponseError) return error.status >= 500 || error.status === 429;
  return error instanceof CommandError;
}

import { setTimeout } from 'node:timers/promises';
import type { z } from 'zod';
import { CommandError } from '../command/command.ts';
import { ResponseError, type ServerClient } from './server-client.ts';

const initialDelayMs = 100;
const maxDelayMs = 5000;

/** What a request has besides its path. */
interface SendOptions {
  readonly body?: unknown;
  /** The credential in place of that of the connection. */
  readonly token?: string;
}

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

  /** Reads. Throws AnswerError when the answer is one that will stay. */
  get<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    sent: SendOptions = {},
  ): Promise<z.output<Schema>> {
    return this.#send(schema, 'GET', path, sent, {});
  }

  /**
   * Changes something once, however often it has to be sent: every attempt has the same Idempotency-Key. Throws
   * AnswerError when the answer is one that will stay.
   */
  change<Schema extends z.ZodType>(
    schema: Schema,
    method: 'POST' | 'PATCH',
    path: string,
    sent: SendOptions = {},
  ): Promise<z.output<Schema>> {
    return this.#send(schema, method, path, sent, { 'Idempotency-Key': crypto.randomUUID() });
  }

  async #send<Schema extends z.ZodType>(
    schema: Schema,
    method: string,
    path: string,
    { body, token }: SendOptions,
    headers: Readonly<Record<string, string>>,
  ): Promise<z.output<Schema>> {
    for (let pause = initialDelayMs; ; pause = Math.min(2 * pause, maxDelayMs)) {
      try {
        const server = await this.#connect();
        return await server.withToken(token).send(schema, method, path, body, headers);
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

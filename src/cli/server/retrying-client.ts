import { setTimeout } from 'node:timers/promises';
import type { z } from 'zod';
import { CommandError } from '../command/command.ts';
import { AnswerError, type ServerConnection } from './server-client.ts';

const firstPauseMs = 100;
const longestPauseMs = 5000;

/** What a request brings beside its path. */
interface Sent {
  readonly body?: unknown;
  /** The credential in place of that of the connection. */
  readonly token?: string;
}

/** A server that may be away for a while: whatever is sent is sent again until it is answered. */
export class SteadyServer {
  readonly #connect: () => Promise<ServerConnection>;
  readonly #signal: AbortSignal;

  /** `connect` finds the server anew for each attempt; `signal` ends the attempts. */
  constructor(connect: () => Promise<ServerConnection>, signal: AbortSignal) {
    this.#connect = connect;
    this.#signal = signal;
  }

  /** Where the server is now. Throws CommandError when it is nowhere. */
  async url(): Promise<string> {
    return (await this.#connect()).url;
  }

  /** Reads. Throws AnswerError when the answer is one that will stay. */
  get<Schema extends z.ZodType>(schema: Schema, path: string, sent: Sent = {}): Promise<z.output<Schema>> {
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
    sent: Sent = {},
  ): Promise<z.output<Schema>> {
    return this.#send(schema, method, path, sent, { 'Idempotency-Key': crypto.randomUUID() });
  }

  async #send<Schema extends z.ZodType>(
    schema: Schema,
    method: string,
    path: string,
    { body, token }: Sent,
    headers: Readonly<Record<string, string>>,
  ): Promise<z.output<Schema>> {
    for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
      try {
        const server = await this.#connect();
        return await server.as(token).send(schema, method, path, body, headers);
      } catch (error) {
        if (!mayPass(error) || this.#signal.aborted) throw error;
      }
      await setTimeout(pause, undefined, { signal: this.#signal }).catch(() => {});
    }
  }
}

/** Whether the same request may well be answered later. */
function mayPass(error: unknown): boolean {
  if (error instanceof AnswerError) return error.status >= 500 || error.status === 429;
  return error instanceof CommandError;
}

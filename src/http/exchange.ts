import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import type { Actor } from '../domain/access.ts';

/** What becomes known of a request while it is answered: for its log line and its errors. */
export interface Exchange {
  readonly id: string;
  /** From performance.now(). */
  readonly startedAt: number;
  /** The path of its endpoint, as in `/api/tasks/:id`; undefined when it has none. */
  route: string | undefined;
  actor: Actor | undefined;
  /** What went wrong, when the fault is ours. */
  fault: unknown;
}

/** A response that carries its exchange. */
export type Reply = Response<unknown, { exchange: Exchange }>;

const requestIdPattern = /^[\w-]{8,64}$/;

/** A new exchange; its id is the client's X-Request-Id when that is 8 to 64 letters, digits, "_" or "-". */
export function exchangeOf(req: IncomingMessage): Exchange {
  const given = req.headers['x-request-id'];
  const id = typeof given === 'string' && requestIdPattern.test(given) ? given : crypto.randomUUID();
  return { id, startedAt: performance.now(), route: undefined, actor: undefined, fault: undefined };
}

/** Whether requests with this method change nothing. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Actor } from '../../domain/access/access.ts';

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
export type Carrier = ServerResponse & { locals: { exchange: Exchange } };

/** The same as Express hands it on. */
export type Reply = Response<unknown, { exchange: Exchange }>;

const requestIdPattern = /^[\w-]{8,64}$/;

/** Begins the exchange; its id is the client's X-Request-Id when that is 8 to 64 letters, digits, "_" or "-". */
export function beginExchange(req: IncomingMessage, res: ServerResponse): Carrier {
  return Object.assign(res, {
    locals: {
      exchange: {
        id: requestIdOf(req),
        startedAt: performance.now(),
        route: undefined,
        actor: undefined,
        fault: undefined,
      },
    },
  });
}

/** The id that the client gave the request, else a new one. */
export function requestIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'];
  return typeof given === 'string' && requestIdPattern.test(given) ? given : crypto.randomUUID();
}

/** Whether requests with this method change nothing. */
export function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

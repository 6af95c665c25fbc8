import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Actor } from '../../domain/access/access.ts';

/** What becomes known of a request while it is answered: for its log line and its errors. */
export interface RequestContext {
  readonly id: string;
  /** From performance.now(). */
  readonly startedAt: number;
  /** The path of its endpoint, as in `/api/tasks/:id`; undefined when it has none. */
  route: string | undefined;
  actor: Actor | undefined;
  /** What went wrong, when the fault is ours. */
  serverError: unknown;
}

/** A response that carries its context. */
export type ResponseWithContext = ServerResponse & { locals: { context: RequestContext } };

/** The same as Express hands it on. */
export type ExpressResponse = Response<unknown, { context: RequestContext }>;

const requestIdPattern = /^[\w-]{8,64}$/;

/** Attaches the context of a request; its id is the client's X-Request-Id when that is 8 to 64 letters, digits, "_" or "-". */
export function attachRequestContext(req: IncomingMessage, res: ServerResponse): ResponseWithContext {
  return Object.assign(res, {
    locals: {
      context: {
        id: requestIdOf(req),
        startedAt: performance.now(),
        route: undefined,
        actor: undefined,
        serverError: undefined,
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
export function isSafeMethod(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Actor } from '../../domain/access/access.ts';

/** What the server learns about a request while it handles it, for its log line and its errors. */
export interface RequestContext {
  readonly id: string;
  /** From performance.now(). */
  readonly startedAt: number;
  /** The path of its endpoint, as in `/api/tasks/:id`; undefined when no endpoint matches. */
  route: string | undefined;
  actor: Actor | undefined;
  /** What was thrown, when the server is at fault. */
  serverError: unknown;
}

/** A response with the context of its request. */
export type ResponseWithContext = ServerResponse & { locals: { context: RequestContext } };

/** The same, as Express passes it to handlers. */
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

/** The valid X-Request-Id of the client, or else a new id. */
export function requestIdOf(req: IncomingMessage): string {
  const header = req.headers['x-request-id'];
  return typeof header === 'string' && requestIdPattern.test(header) ? header : crypto.randomUUID();
}

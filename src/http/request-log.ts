import type { Request } from 'express';
import type { Reply } from './exchange.ts';
import { scrubbedError } from './scrubbed-error.ts';

/** The part of a pino logger that the request log writes to. */
export interface RequestLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Writes one line for each request when it is over. */
export interface RequestLog {
  /** Writes the line of this request when its answer is sent or nobody waits for it any more. */
  follow(req: Request, res: Reply): void;
}

/**
 * Makes the log of requests. A line holds what is named here and nothing else: no header, no body, no URL, since any of
 * them may hold a secret.
 */
export function requestLog(logger: RequestLogger): RequestLog {
  function write(this: Reply): void {
    const { id, startedAt, route, actor, fault } = this.locals.exchange;
    const line = {
      requestId: id,
      method: this.req.method,
      route,
      status: this.writableFinished ? this.statusCode : undefined,
      ms: Math.round((performance.now() - startedAt) * 100) / 100,
      actor: actor?.id,
    };
    if (fault === undefined) logger.info(line, this.writableFinished ? 'answered' : 'abandoned');
    else logger.error({ ...line, err: scrubbedError(fault) }, 'failed');
  }
  return { follow: (_, res) => void res.once('close', write) };
}

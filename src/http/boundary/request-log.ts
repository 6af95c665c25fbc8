import { loggableError } from './loggable-error.ts';
import type { ResponseWithContext } from './request-context.ts';

/** The part of a pino logger that the request log writes to. */
export interface RequestLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Writes the line of a request that was answered, or whose client disconnected. */
export type RequestLog = (res: ResponseWithContext) => void;

/**
 * Creates the log of requests. A line has exactly the fields below: no header, body or URL, since any of them may hold a
 * secret.
 */
export function requestLog(logger: RequestLogger): RequestLog {
  return (res) => {
    const { id, startedAt, route, actor, serverError } = res.locals.context;
    const line = {
      requestId: id,
      method: res.req.method,
      route,
      status: res.statusCode,
      ms: Math.round((performance.now() - startedAt) * 100) / 100,
      actor: actor?.id,
    };
    if (serverError === undefined) logger.info(line, res.destroyed ? 'abandoned' : 'answered');
    else logger.error({ ...line, err: loggableError(serverError) }, 'failed');
  };
}

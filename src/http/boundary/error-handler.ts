import { AppError, toAppError } from '../../domain/errors.ts';
import { writeErrorResponse } from './error-response.ts';
import { errorStatus } from './error-status.ts';
import type { ResponseWithContext } from './request-context.ts';
import type { RequestLog } from './request-log.ts';

/** Creates the handler that answers with whatever was thrown. What is not an AppError appears in the log only. */
export function errorHandler(log: RequestLog): (error: unknown, res: ResponseWithContext) => void {
  return (error, res) => {
    const { context } = res.locals;
    const appError = error instanceof URIError ? pathError() : toAppError(error);
    if (errorStatus[appError.code] >= 500 || res.headersSent) context.serverError = error;
    if (res.headersSent) res.destroy();
    else writeErrorResponse(res, appError, context.id);
    if (res.req.method !== 'OPTIONS') log(res);
  };
}

/** Express throws URIError for a path that it cannot decode. */
function pathError(): AppError {
  return new AppError('VALIDATION_ERROR', 'The path has a %-escape that is not UTF-8.');
}

import type { ServerResponse } from 'node:http';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import { errorStatus } from './error-status.ts';
import type { ResponseWithContext } from './request-context.ts';
import type { RequestLog } from './request-log.ts';

/** Seconds after which a client may come back, where nothing else says so. */
const retryAfterSeconds: { readonly [Code in ErrorCode]?: number } = {
  NOT_READY: 1,
  STORE_FAILED: 10,
  STORAGE_FULL: 60,
};

/** Answers with the error in the one shape that every error has. */
export function writeError(res: ServerResponse, error: AppError, requestId: string): void {
  const { code, details } = error;
  const wait = retryAfterSeconds[code];
  if (wait !== undefined) res.setHeader('Retry-After', wait);
  if (code === 'UNAUTHORIZED') res.setHeader('WWW-Authenticate', 'Bearer realm="maestro-server"');
  if (code === 'PRECONDITION_FAILED' && typeof details?.version === 'number') {
    res.setHeader('ETag', `"${details.version}"`);
  }
  res.statusCode = errorStatus[code];
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(errorBody(error, requestId));
}

/** The text of the one shape that every error has. */
export function errorBody({ code, message, details }: AppError, requestId: string): string {
  return JSON.stringify({ error: true, statusCode: errorStatus[code], code, message, details, requestId });
}

/** Makes what answers with whatever was thrown. What is not an AppError only the log gets to know. */
export function errorHandler(log: RequestLog): (error: unknown, res: ResponseWithContext) => void {
  return (error, res) => {
    const { context } = res.locals;
    const told = toAppError(error);
    if (errorStatus[told.code] >= 500 || res.headersSent) context.serverError = error;
    if (res.headersSent) res.destroy();
    else writeError(res, told, context.id);
    if (res.req.method !== 'OPTIONS') log(res);
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof URIError)
    return new AppError('VALIDATION_ERROR', 'The path has a %-escape that is no UTF-8.');
  return new AppError(
    'INTERNAL_ERROR',
    'Something went wrong here; the log tells what under the request id.',
  );
}

import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppError, retryAfterSeconds } from '../../domain/errors.ts';
import { errorStatus } from './error-status.ts';

/** How many milliseconds a client has to read an error before its socket is destroyed. */
const lingerMs = 1000;

interface ErrorResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request with the error. A `Retry-After` that is already set stays: it knows more than the catalogue. */
export function writeErrorResponse(res: ServerResponse, error: AppError, requestId: string): void {
  const { statusCode, headers, body } = errorResponse(error, requestId);
  res.statusCode = statusCode;
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'Retry-After' || !res.hasHeader(name)) res.setHeader(name, value);
  }
  res.end(body);
}

/** Writes the same answer to a socket that has no response object, such as that of a rejected upgrade, and closes it. */
export function writeRawErrorResponse(socket: Duplex, error: AppError, requestId: string): void {
  const { statusCode, headers, body } = errorResponse(error, requestId);
  const lines = Object.entries({
    Date: new Date().toUTCString(),
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  // Closing a socket with unread input resets it, and the client might lose the answer.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.end([`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`, ...lines, '', body].join('\r\n'));
}

/** The error in the shape that all errors have, with the headers that say what to do next. */
function errorResponse({ code, message, details }: AppError, requestId: string): ErrorResponse {
  const statusCode = errorStatus[code];
  const retryAfter = retryAfterSeconds(code);
  return {
    statusCode,
    headers: {
      'X-Request-Id': requestId,
      'Content-Type': 'application/json; charset=utf-8',
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
      ...(code === 'UNAUTHORIZED' && { 'WWW-Authenticate': 'Bearer realm="maestro-server"' }),
      ...(code === 'PRECONDITION_FAILED' &&
        typeof details?.version === 'number' && { ETag: `"${details.version}"` }),
    },
    body: JSON.stringify({ error: true, statusCode, code, message, details, requestId }),
  };
}

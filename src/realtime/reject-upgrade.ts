import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppError, ErrorCode } from '../domain/errors.ts';

/** Seconds after which a refused client may come back. */
const retryAfterSeconds: { readonly [Code in ErrorCode]?: number } = {
  NOT_READY: 2,
  RATE_LIMITED: 60,
  TRY_AGAIN: 2,
};

/** How long a refused client has to read why. */
const lingerMs = 1000;

/** Answers a handshake with an error in the shape that every error has over HTTP, and ends the socket. */
export function rejectUpgrade(
  socket: Duplex,
  { code, message, details }: AppError,
  statusCode: number,
  requestId: string,
): void {
  const body = JSON.stringify({ error: true, statusCode, code, message, details, requestId });
  const wait = retryAfterSeconds[code];
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    ...(wait === undefined ? [] : [`Retry-After: ${wait}`]),
    ...(code === 'UNAUTHORIZED' ? ['WWW-Authenticate: Bearer realm="maestro-server"'] : []),
  ];
  // What the client goes on sending is thrown away, so that the answer reaches it before the socket ends.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

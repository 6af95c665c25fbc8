import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import { errorBody } from './error-handler.ts';
import { errorStatus } from './error-status.ts';

const clientErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not arrive whole in time.'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.'],
};

/** Answers, on the connection itself, what Node could not read as a request; then closes it. */
export function writeRawErrorResponse(fault: NodeJS.ErrnoException, socket: Socket, requestId: string): void {
  const [code, message] = clientErrors[fault.code ?? ''] ?? ['BAD_REQUEST', 'This is no HTTP request.'];
  const status = errorStatus[code];
  const body = errorBody(new AppError(code, message), requestId);
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `Date: ${new Date().toUTCString()}`,
      `X-Request-Id: ${requestId}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}

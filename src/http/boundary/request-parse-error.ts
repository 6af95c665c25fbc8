import { AppError, type ErrorCode } from '../../domain/errors.ts';

const parseErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not arrive completely in time.'],
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.'],
};

/** The error for the client when Node could not read what it sent as an HTTP request. */
export function requestParseError({ code = '' }: NodeJS.ErrnoException): AppError {
  return new AppError(...(parseErrors[code] ?? (['BAD_REQUEST', 'This is not an HTTP request.'] as const)));
}

import type { ErrorCode } from '../domain/errors.ts';

/**
 * Codes of the client itself: nothing answered, or the connection broke; what answered is not a Maestro server; or the
 * request was not sent, because a parameter of its path is missing or cannot be part of a path.
 */
export type ApiClientErrorCode = 'UNREACHABLE' | 'UNEXPECTED_ANSWER' | 'INVALID_PATH_PARAMETER';

/** What an ApiError says beside its message. */
interface ApiErrorFields {
  readonly code: ErrorCode | ApiClientErrorCode;
  readonly status?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A request that was not answered as asked; an aborted one rejects with the reason of its signal instead. */
export class ApiError extends Error {
  /** The server's code, or that of the client. A newer server may answer codes that this client does not know. */
  readonly code: ErrorCode | ApiClientErrorCode;
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** What the code defines, as in `details.issues` of VALIDATION_ERROR. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** Names the request in the log of the server. */
  readonly requestId: string | undefined;
  /** After how many seconds to try again, where the server says so. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { code, status, details, requestId, retryAfter, cause }: ApiErrorFields) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

/** The error that this answer reports; `body` is its text, and `url` names the server in the message. */
export function errorOfAnswer({ status, headers }: Response, body: string, url: string): ApiError {
  const requestId = headers.get('x-request-id') ?? undefined;
  const retryAfter = secondsOf(headers.get('retry-after'));
  const report = reportOf(body);
  if (report === undefined) return unexpectedAnswer(url, { status, requestId, retryAfter });
  const { message, code, details } = report;
  // The server names codes of its own catalogue, which this type is made from.
  return new ApiError(message, { code: code as ErrorCode, status, details, requestId, retryAfter });
}

/** The error for an answer that no Maestro server gives. */
export function unexpectedAnswer(url: string, fields: Omit<ApiErrorFields, 'code'>): ApiError {
  const status = fields.status === undefined ? '' : ` (status ${fields.status})`;
  return new ApiError(
    `What answers at ${url} is not a Maestro server${status}, or a proxy answered for it.`,
    {
      ...fields,
      code: 'UNEXPECTED_ANSWER',
    },
  );
}

interface Report {
  readonly message: string;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

function reportOf(body: string): Report | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { message, code, details } = value;
  if (typeof message !== 'string' || typeof code !== 'string') return undefined;
  return { message, code, details: isRecord(details) ? details : undefined };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A Retry-After in seconds: the server counts them, a proxy in front of it may name a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** Whether a client retries: never, later with the same request, or now with a corrected one. */
export type RetryAdvice = 'never' | 'later' | 'corrected';

interface ErrorDefinition {
  readonly meaning: string;
  readonly retry: RetryAdvice;
  /** How long a client waits before it retries, where the retry is for later. */
  readonly retryAfterSeconds?: number;
}

const defineError = (retry: Exclude<RetryAdvice, 'later'>, meaning: string): ErrorDefinition => ({
  meaning,
  retry,
});
const defineTemporaryError = (retryAfterSeconds: number, meaning: string): ErrorDefinition => ({
  meaning,
  retry: 'later',
  retryAfterSeconds,
});

/** CATALOGUE: every error that this server answers with. Each transport maps the codes to its own statuses. */
export const errors = {
  VALIDATION_ERROR: defineError(
    'corrected',
    'The request does not match its schema; details.issues lists the problems.',
  ),
  MALFORMED_JSON: defineError(
    'corrected',
    'The body is not valid JSON, or exceeds the limits on depth and number of keys.',
  ),
  UNAUTHORIZED: defineError('corrected', 'The request has no valid credential.'),
  FORBIDDEN: defineError('never', 'The credential is valid but does not allow this.'),
  ORIGIN_NOT_ALLOWED: defineError('never', 'Web pages from this origin may not change anything here.'),
  NOT_FOUND: defineError('never', 'It does not exist, or you may not see it.'),
  METHOD_NOT_ALLOWED: defineError(
    'never',
    'The path does not have this method; the Allow header lists those it has.',
  ),
  CONFLICT: defineError('never', 'The request conflicts with the current state.'),
  ALREADY_EXISTS: defineError('never', 'Something with this id already exists.'),
  INVALID_TRANSITION: defineError(
    'never',
    'The status cannot change this way; details.allowed lists the possible statuses.',
  ),
  DEPENDENCY_CYCLE: defineError(
    'never',
    'Tasks would depend on each other in a cycle, which details.cycle lists.',
  ),
  QUEUE_BUSY: defineTemporaryError(
    5,
    'An item of the queue is already being processed; details.item is that item.',
  ),
  QUEUE_IDLE: defineError('never', 'No item of the queue is being processed.'),
  QUEUE_EMPTY: defineTemporaryError(5, 'No item is left in the queue.'),
  SESSION_ENDED: defineError(
    'never',
    'The session has ended and takes no work; resume it, or use another session.',
  ),
  ALREADY_QUEUED: defineError('never', 'The task is already waiting or being processed in this queue.'),
  BUSINESS_RULE_ERROR: defineError(
    'never',
    'A rule forbids it; for example, a project that has tasks cannot be deleted.',
  ),
  IDEMPOTENCY_MISMATCH: defineError('never', 'The Idempotency-Key was already used for a different request.'),
  missing_project_id: defineError('corrected', 'The spawn does not name a project.'),
  invalid_task_ids: defineError('corrected', 'The spawn names no tasks, or tasks that it cannot use.'),
  invalid_spawn_source: defineError('corrected', 'The spawnSource is neither "ui" nor "session".'),
  missing_session_id: defineError('corrected', 'A spawn by a session must name that session.'),
  parent_session_not_found: defineError('never', 'The session that spawns does not exist.'),
  invalid_role: defineError('corrected', 'The role is neither worker nor orchestrator.'),
  task_not_found: defineError('never', 'A task of the spawn does not exist; details.taskId names it.'),
  project_not_found: defineError('never', 'The project of the spawn does not exist.'),
  invalid_orchestrator_strategy: defineError('corrected', 'The orchestratorStrategy does not exist.'),
  invalid_strategy: defineError('corrected', 'The strategy does not exist.'),
  manifest_generation_failed: defineError(
    'never',
    'The command that writes manifests failed; nothing was created.',
  ),
  BAD_REQUEST: defineError(
    'corrected',
    'The frame is not a valid command, or what was sent is not a valid HTTP request.',
  ),
  UNKNOWN_TYPE: defineError('never', 'The protocol has no command of this type.'),
  UNKNOWN_CHANNEL: defineError('never', 'This is not the name of a channel.'),
  ALREADY_SUBSCRIBED: defineError('never', 'The connection is already subscribed to this channel.'),
  SUBSCRIPTION_LIMIT: defineError('never', 'The connection already has the maximum number of subscriptions.'),
  TRY_AGAIN: defineTemporaryError(2, 'This is not possible right now; nothing was changed.'),
  POSITION_LOST: defineError(
    'corrected',
    'The events after this position are no longer available; read the state, then subscribe again.',
  ),
  PRECONDITION_FAILED: defineError('corrected', 'The entity has changed since the version in If-Match.'),
  PAYLOAD_TOO_LARGE: defineError('never', 'The body is larger than this path accepts.'),
  EXPECTATION_FAILED: defineError(
    'corrected',
    'The Expect header asks for something other than 100-continue.',
  ),
  HEADERS_TOO_LARGE: defineError('corrected', 'The headers of the request are too large.'),
  REQUEST_TIMEOUT: defineTemporaryError(
    1,
    'The request did not arrive completely in time; nothing was done.',
  ),
  UNSUPPORTED_MEDIA_TYPE: defineError('corrected', 'The body is not application/json in UTF-8.'),
  MISDIRECTED_REQUEST: defineError('never', 'The Host header does not name a host of this server.'),
  RATE_LIMITED: defineTemporaryError(10, 'Too many requests; Retry-After says when to try again.'),
  INTERNAL_ERROR: defineTemporaryError(
    10,
    'The server failed; its log has the details under the request id.',
  ),
  NOT_READY: defineTemporaryError(1, 'The server is starting or stopping.'),
  STORE_FAILED: defineTemporaryError(
    10,
    'The store stopped because it could not guarantee its data; the change was not confirmed.',
  ),
  STORAGE_FULL: defineTemporaryError(
    60,
    'The disk is nearly full; reads work, and writes are refused until there is space.',
  ),
} as const satisfies Record<string, ErrorDefinition>;

/** The code of an error in the catalogue. */
export type ErrorCode = keyof typeof errors;

/** Every code, in the order of the catalogue. */
export const errorCodes = Object.keys(errors) as ErrorCode[];

/** The error that all layers use: a code of the catalogue, a message for the client, and details. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  /** `message` and `details` are shown to the client; `cause` goes to the log only. */
  constructor(
    code: ErrorCode,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details && boundLists(details);
  }
}

/** The most entries that a list in the details of an error has, and that its message lists. */
export const maxErrorListLength = 100;
const maxMessageListLength = 10;

/** The details with the first entries of each list; `omitted` counts the others. */
function boundLists(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const tooLong = Object.entries(details).filter(isTooLong);
  if (tooLong.length === 0) return details;
  return {
    ...details,
    ...Object.fromEntries(tooLong.map(([key, list]) => [key, list.slice(0, maxErrorListLength)])),
    omitted: Object.fromEntries(tooLong.map(([key, list]) => [key, list.length - maxErrorListLength])),
  };
}

function isTooLong(entry: [string, unknown]): entry is [string, unknown[]] {
  return Array.isArray(entry[1]) && entry[1].length > maxErrorListLength;
}

/** The items as the message of an error lists them: both ends of a long list. */
export function listForMessage(items: readonly string[], separator = ', '): string {
  if (items.length <= maxMessageListLength) return items.join(separator);
  const half = maxMessageListLength / 2;
  const middle = `… ${items.length - maxMessageListLength} more …`;
  return [...items.slice(0, half), middle, ...items.slice(-half)].join(separator);
}

/** Seconds after which a client may repeat a request that got this error, undefined when it should not. */
export function retryAfterSeconds(code: ErrorCode): number | undefined {
  const { retryAfterSeconds: seconds }: ErrorDefinition = errors[code];
  return seconds;
}

/** What a client may know of anything thrown: an AppError as it is, anything else as INTERNAL_ERROR that has it as its cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = 'The server failed; its log has the details.';
  return new AppError('INTERNAL_ERROR', message, undefined, error);
}

/** The error for something that does not exist or that the actor may not see: the two cannot be told apart. */
export function notFoundError(kind: string, id: string): AppError {
  return new AppError('NOT_FOUND', `There is no ${kind} ${id}.`, { kind, id });
}

/** The error for one invalid field of a request; `path` is like `items.0.taskId`. */
export function validationError(path: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', `${path}: ${message}`, { issues: [{ path, message }] });
}

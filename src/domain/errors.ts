/** What a client does about an error: never the same request again, the same later, or a corrected one now. */
export type RetryAdvice = 'never' | 'later' | 'corrected';

interface ErrorDefinition {
  readonly meaning: string;
  readonly retry: RetryAdvice;
}

const defineError = (retry: RetryAdvice, meaning: string): ErrorDefinition => ({ meaning, retry });

/** CATALOGUE: every error this server answers with. Transports map each code to a status of their own. */
export const errors = {
  VALIDATION_ERROR: defineError(
    'corrected',
    'The request does not have the declared shape; details name each fault.',
  ),
  MALFORMED_JSON: defineError('corrected', 'The body is not JSON, or nests or branches beyond the limits.'),
  UNAUTHORIZED: defineError('corrected', 'No valid credential came with the request.'),
  FORBIDDEN: defineError('never', 'The credential is valid but does not allow this.'),
  ORIGIN_NOT_ALLOWED: defineError('never', 'A browser page of this origin may not change anything here.'),
  NOT_FOUND: defineError('never', 'There is no such thing, or it is not yours to see.'),
  METHOD_NOT_ALLOWED: defineError(
    'never',
    'The path exists, the method does not; Allow lists those that do.',
  ),
  CONFLICT: defineError('never', 'The request contradicts the present state.'),
  ALREADY_EXISTS: defineError('never', 'Something with this id exists.'),
  INVALID_TRANSITION: defineError(
    'never',
    'The status cannot change that way; details.allowed lists the ways open.',
  ),
  DEPENDENCY_CYCLE: defineError(
    'never',
    'Tasks would wait for each other in a circle; details.cycle names it.',
  ),
  QUEUE_BUSY: defineError('later', 'An item of the queue is being processed; details.item is that item.'),
  QUEUE_IDLE: defineError('never', 'No item of the queue is being processed.'),
  QUEUE_EMPTY: defineError('later', 'No item of the queue is left.'),
  ALREADY_QUEUED: defineError('never', 'The task waits in this queue already.'),
  BUSINESS_RULE_ERROR: defineError(
    'never',
    'A rule between things forbids it, as deleting a project that holds tasks.',
  ),
  IDEMPOTENCY_MISMATCH: defineError('never', 'The Idempotency-Key was used for a different request.'),
  missing_project_id: defineError('corrected', 'A spawn names no project.'),
  invalid_task_ids: defineError('corrected', 'A spawn names no tasks, or tasks that it cannot take.'),
  invalid_spawn_source: defineError('corrected', 'A spawn comes from "ui" or from "session".'),
  missing_session_id: defineError('corrected', 'A spawn by a session names the session.'),
  parent_session_not_found: defineError('never', 'There is no such session to spawn for.'),
  invalid_role: defineError('corrected', 'A spawned agent is a worker or an orchestrator.'),
  task_not_found: defineError('never', 'There is no such task to spawn for; details.taskId names it.'),
  project_not_found: defineError('never', 'There is no such project to spawn in.'),
  invalid_orchestrator_strategy: defineError('corrected', 'There is no such strategy of orchestrators.'),
  invalid_strategy: defineError('corrected', 'There is no such strategy of workers.'),
  manifest_generation_failed: defineError(
    'never',
    'The command that writes manifests could not; nothing was created.',
  ),
  BAD_REQUEST: defineError('corrected', 'The request is not of a form that the protocol has.'),
  UNKNOWN_TYPE: defineError('never', 'The protocol has no frame of this type.'),
  UNKNOWN_CHANNEL: defineError('never', 'No channel is spelt like this.'),
  ALREADY_SUBSCRIBED: defineError('never', 'The connection is subscribed to this channel.'),
  SUBSCRIPTION_LIMIT: defineError('never', 'The connection has as many subscriptions as it may have.'),
  TRY_AGAIN: defineError('later', 'It cannot be done now; nothing was changed.'),
  POSITION_LOST: defineError(
    'corrected',
    'The events after this position are gone; read the state, then follow again.',
  ),
  PRECONDITION_FAILED: defineError('corrected', 'The entity changed since the version named in If-Match.'),
  PAYLOAD_TOO_LARGE: defineError('never', 'The body is larger than this path takes.'),
  HEADERS_TOO_LARGE: defineError('corrected', 'The headers of the request are larger than is read.'),
  REQUEST_TIMEOUT: defineError('later', 'The request did not arrive whole in time; nothing was done.'),
  UNSUPPORTED_MEDIA_TYPE: defineError('corrected', 'The body is not application/json in UTF-8.'),
  MISDIRECTED_REQUEST: defineError('never', 'The Host header names no host this server answers for.'),
  RATE_LIMITED: defineError('later', 'Too many requests; Retry-After says when to come back.'),
  INTERNAL_ERROR: defineError('later', 'The fault is ours; the log has it under the request id.'),
  NOT_READY: defineError('later', 'The server is starting or stopping.'),
  STORE_FAILED: defineError('later', 'The store stopped rather than guess; nothing was acknowledged.'),
  STORAGE_FULL: defineError('later', 'The disk is nearly full; reads go on, writes wait for space.'),
} as const satisfies Record<string, ErrorDefinition>;

/** The name of an error in the catalogue. */
export type ErrorCode = keyof typeof errors;

/** Every code, in the order of the catalogue. */
export const errorCodes = Object.keys(errors) as ErrorCode[];

/** The one error that crosses layers: a code of the catalogue, a sentence for the client, and details. */
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
    this.details = details;
  }
}

/** The error for something that does not exist or is not the actor's to see: both read the same. */
export function notFoundError(kind: string, id: string): AppError {
  return new AppError('NOT_FOUND', `There is no ${kind} ${id}.`, { kind, id });
}

/** The error for one bad field of a request, `path` as in `items.0.taskId`. */
export function validationError(path: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', `${path}: ${message}`, { issues: [{ path, message }] });
}

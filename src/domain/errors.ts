/** What a client does about an error: never the same request again, the same later, or a corrected one now. */
export type Retry = 'never' | 'later' | 'corrected';

interface ErrorEntry {
  readonly meaning: string;
  readonly retry: Retry;
}

const entry = (retry: Retry, meaning: string): ErrorEntry => ({ meaning, retry });

/** CATALOGUE: every error this server answers with. Transports map each code to a status of their own. */
export const errors = {
  VALIDATION_ERROR: entry(
    'corrected',
    'The request does not have the declared shape; details name each fault.',
  ),
  MALFORMED_JSON: entry('corrected', 'The body is not JSON, or nests or branches beyond the limits.'),
  UNAUTHORIZED: entry('corrected', 'No valid credential came with the request.'),
  FORBIDDEN: entry('never', 'The credential is valid but does not allow this.'),
  ORIGIN_NOT_ALLOWED: entry('never', 'A browser page of this origin may not change anything here.'),
  NOT_FOUND: entry('never', 'There is no such thing, or it is not yours to see.'),
  METHOD_NOT_ALLOWED: entry('never', 'The path exists, the method does not; Allow lists those that do.'),
  CONFLICT: entry('never', 'The request contradicts the present state.'),
  ALREADY_EXISTS: entry('never', 'Something with this id exists.'),
  INVALID_TRANSITION: entry(
    'never',
    'The status cannot change that way; details.allowed lists the ways open.',
  ),
  DEPENDENCY_CYCLE: entry('never', 'Tasks would wait for each other in a circle; details.cycle names it.'),
  QUEUE_BUSY: entry('later', 'An item of the queue is being processed; details.item is that item.'),
  QUEUE_IDLE: entry('never', 'No item of the queue is being processed.'),
  QUEUE_EMPTY: entry('later', 'No item of the queue is left.'),
  ALREADY_QUEUED: entry('never', 'The task waits in this queue already.'),
  BUSINESS_RULE_ERROR: entry(
    'never',
    'A rule between things forbids it, as deleting a project that holds tasks.',
  ),
  IDEMPOTENCY_MISMATCH: entry('never', 'The Idempotency-Key was used for a different request.'),
  missing_project_id: entry('corrected', 'A spawn names no project.'),
  invalid_task_ids: entry('corrected', 'A spawn names no tasks, or tasks that it cannot take.'),
  invalid_spawn_source: entry('corrected', 'A spawn comes from "ui" or from "session".'),
  missing_session_id: entry('corrected', 'A spawn by a session names the session.'),
  parent_session_not_found: entry('never', 'There is no such session to spawn for.'),
  invalid_role: entry('corrected', 'A spawned agent is a worker or an orchestrator.'),
  task_not_found: entry('never', 'There is no such task to spawn for; details.taskId names it.'),
  project_not_found: entry('never', 'There is no such project to spawn in.'),
  invalid_orchestrator_strategy: entry('corrected', 'There is no such strategy of orchestrators.'),
  invalid_strategy: entry('corrected', 'There is no such strategy of workers.'),
  manifest_generation_failed: entry(
    'never',
    'The command that writes manifests could not; nothing was created.',
  ),
  BAD_REQUEST: entry('corrected', 'The request is not of a form that the protocol has.'),
  UNKNOWN_TYPE: entry('never', 'The protocol has no frame of this type.'),
  UNKNOWN_CHANNEL: entry('never', 'No channel is spelt like this.'),
  ALREADY_SUBSCRIBED: entry('never', 'The connection is subscribed to this channel.'),
  SUBSCRIPTION_LIMIT: entry('never', 'The connection has as many subscriptions as it may have.'),
  TRY_AGAIN: entry('later', 'It cannot be done now; nothing was changed.'),
  POSITION_LOST: entry(
    'corrected',
    'The events after this position are gone; read the state, then follow again.',
  ),
  PRECONDITION_FAILED: entry('corrected', 'The entity changed since the version named in If-Match.'),
  PAYLOAD_TOO_LARGE: entry('never', 'The body is larger than this path takes.'),
  HEADERS_TOO_LARGE: entry('corrected', 'The headers of the request are larger than is read.'),
  REQUEST_TIMEOUT: entry('later', 'The request did not arrive whole in time; nothing was done.'),
  UNSUPPORTED_MEDIA_TYPE: entry('corrected', 'The body is not application/json in UTF-8.'),
  MISDIRECTED_REQUEST: entry('never', 'The Host header names no host this server answers for.'),
  RATE_LIMITED: entry('later', 'Too many requests; Retry-After says when to come back.'),
  INTERNAL_ERROR: entry('later', 'The fault is ours; the log has it under the request id.'),
  NOT_READY: entry('later', 'The server is starting or stopping.'),
  STORE_FAILED: entry('later', 'The store stopped rather than guess; nothing was acknowledged.'),
  STORAGE_FULL: entry('later', 'The disk is nearly full; reads go on, writes wait for space.'),
} as const satisfies Record<string, ErrorEntry>;

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
export function notFound(kind: string, id: string): AppError {
  return new AppError('NOT_FOUND', `There is no ${kind} ${id}.`, { kind, id });
}

/** The error for one bad field of a request, `path` as in `items.0.taskId`. */
export function invalid(path: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', `${path}: ${message}`, { issues: [{ path, message }] });
}

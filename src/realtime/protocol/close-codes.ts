import type { ErrorCode } from '../../domain/errors.ts';

/**
 * CATALOGUE: why a connection is closed. The range tells the client what to do: 4000–4099 reconnect, 4100–4199 back off
 * first, 4200–4299 get a new token first, 4500–4999 stop and tell the user.
 */
export const closeCodes = {
  draining: 4000,
  noPong: 4002,
  slowConsumer: 4100,
  rateLimited: 4101,
  internal: 4103,
  tokenExpired: 4200,
  tokenRevoked: 4201,
  malformed: 4500,
  unauthenticated: 4502,
  forbidden: 4503,
  tooManyConnections: 4505,
  tooManyErrors: 4506,
} as const;

/** A code of the catalogue. */
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

const { draining, rateLimited, internal, malformed, unauthenticated, forbidden, tooManyErrors } = closeCodes;

/** The close code of a connection that an error ends: a code without one does not compile. */
export const closeCodeOf: Readonly<Record<ErrorCode, CloseCode>> = {
  VALIDATION_ERROR: malformed,
  MALFORMED_JSON: malformed,
  BAD_REQUEST: malformed,
  UNKNOWN_TYPE: tooManyErrors,
  UNKNOWN_CHANNEL: tooManyErrors,
  ALREADY_SUBSCRIBED: tooManyErrors,
  SUBSCRIPTION_LIMIT: tooManyErrors,
  UNAUTHORIZED: unauthenticated,
  FORBIDDEN: forbidden,
  ORIGIN_NOT_ALLOWED: forbidden,
  NOT_FOUND: tooManyErrors,
  METHOD_NOT_ALLOWED: malformed,
  REQUEST_TIMEOUT: malformed,
  HEADERS_TOO_LARGE: malformed,
  EXPECTATION_FAILED: malformed,
  CONFLICT: tooManyErrors,
  ALREADY_EXISTS: tooManyErrors,
  INVALID_TRANSITION: tooManyErrors,
  DEPENDENCY_CYCLE: tooManyErrors,
  QUEUE_BUSY: tooManyErrors,
  QUEUE_IDLE: tooManyErrors,
  QUEUE_EMPTY: tooManyErrors,
  SESSION_ENDED: tooManyErrors,
  ALREADY_QUEUED: tooManyErrors,
  missing_project_id: tooManyErrors,
  invalid_task_ids: tooManyErrors,
  invalid_spawn_source: tooManyErrors,
  missing_session_id: tooManyErrors,
  parent_session_not_found: tooManyErrors,
  invalid_role: tooManyErrors,
  task_not_found: tooManyErrors,
  project_not_found: tooManyErrors,
  invalid_orchestrator_strategy: tooManyErrors,
  invalid_strategy: tooManyErrors,
  manifest_generation_failed: tooManyErrors,
  BUSINESS_RULE_ERROR: tooManyErrors,
  IDEMPOTENCY_MISMATCH: tooManyErrors,
  POSITION_LOST: tooManyErrors,
  PRECONDITION_FAILED: tooManyErrors,
  PAYLOAD_TOO_LARGE: malformed,
  UNSUPPORTED_MEDIA_TYPE: malformed,
  MISDIRECTED_REQUEST: forbidden,
  RATE_LIMITED: rateLimited,
  INTERNAL_ERROR: internal,
  TRY_AGAIN: internal,
  NOT_READY: draining,
  STORE_FAILED: internal,
  STORAGE_FULL: internal,
};

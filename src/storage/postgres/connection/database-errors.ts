import pg from 'pg';
import { AppError } from '../../../domain/errors.ts';

/** An error of the database or of the connection to it, which is the cause. */
export class PostgresError extends Error {
  constructor(cause: unknown) {
    super('The database failed.', { cause });
  }
}

/** The transaction has read what has changed since, or needs a lock out of order; another run can succeed. */
export class TransactionConflictError extends Error {}

const retryableCodes = new Set(['40001', '40P01', '55P03', '25006', '53300']);
// unique_violation and division_by_zero: how a write reports that its row exists already, or has changed.
const conflictCodes = new Set(['23505', '22012']);
const timeoutCodes = new Set(['57014', '25P03']);

/** Whether the connection was lost, so that the outcome of the statement is unknown. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof TransactionConflictError) return false;
  return !(error instanceof pg.DatabaseError) || error.severity !== 'ERROR';
}

/** Whether the work relied on data that has changed since; another run reads the present data. */
export function isTransactionConflict(error: unknown): boolean {
  return (
    error instanceof TransactionConflictError ||
    (error instanceof pg.DatabaseError && conflictCodes.has(error.code ?? ''))
  );
}

/** Whether the same work can succeed when it is run again. */
export function isTransient(error: unknown): boolean {
  if (isTransactionConflict(error)) return true;
  if (!(error instanceof pg.DatabaseError)) return true;
  const { code = '' } = error;
  return retryableCodes.has(code) || /^(08|57P0)/.test(code);
}

/** The error that clients receive when the work is not run again. */
export function describeDatabaseFailure(error: unknown): AppError {
  const is = (codes: ReadonlySet<string>) => error instanceof pg.DatabaseError && codes.has(error.code ?? '');
  if (is(new Set(['53100']))) {
    return new AppError('STORAGE_FULL', 'The disk of the database is full.', undefined, error);
  }
  if (is(timeoutCodes)) {
    return new AppError('NOT_READY', 'The database took too long; try again.', undefined, error);
  }
  if (!isTransient(error)) {
    return new AppError('STORE_FAILED', 'The database rejected a statement.', undefined, error);
  }
  const message = isConnectionLost(error)
    ? 'The database cannot be reached; try again.'
    : 'Too many requests change the same data at once; try again.';
  return new AppError('NOT_READY', message, undefined, error);
}

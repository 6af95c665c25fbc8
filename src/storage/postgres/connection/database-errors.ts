import pg from 'pg';
import { AppError } from '../../../domain/errors.ts';

/** What the database said, or that it said nothing more; the cause has it. */
export class PostgresError extends Error {
  constructor(cause: unknown) {
    super('The database failed.', { cause });
  }
}

/** What a transaction has read is no longer so, or it locks against the order: run again, it does better. */
export class TransactionConflictError extends Error {}

const retryableCodes = new Set(['40001', '40P01', '55P03', '25006', '53300']);
// A row was there already, or was no longer as it was read: the writes of write-sql.ts fail so.
const conflictCodes = new Set(['23505', '22012']);
const timeoutCodes = new Set(['57014', '25P03']);

/** Whether a fault leaves open what became of the statement: the connection is gone, and the answer with it. */
export function isConnectionLost(fault: unknown): boolean {
  if (fault instanceof TransactionConflictError) return false;
  return !(fault instanceof pg.DatabaseError) || fault.severity !== 'ERROR';
}

/** Whether the work went by what is no longer so; run again, it sees what is. */
export function isTransactionConflict(fault: unknown): boolean {
  return (
    fault instanceof TransactionConflictError ||
    (fault instanceof pg.DatabaseError && conflictCodes.has(fault.code ?? ''))
  );
}

/** Whether the same work may well succeed when it is run again. */
export function isTransient(fault: unknown): boolean {
  if (isTransactionConflict(fault)) return true;
  if (!(fault instanceof pg.DatabaseError)) return true;
  const { code = '' } = fault;
  return retryableCodes.has(code) || /^(08|57P0)/.test(code);
}

/** The error for the client when the work is not run again. */
export function toAppError(fault: unknown): AppError {
  const is = (codes: ReadonlySet<string>) => fault instanceof pg.DatabaseError && codes.has(fault.code ?? '');
  if (is(new Set(['53100']))) {
    return new AppError('STORAGE_FULL', 'The disk of the database is full.', undefined, fault);
  }
  if (is(timeoutCodes)) {
    return new AppError('NOT_READY', 'The database took too long; try again.', undefined, fault);
  }
  if (!isTransient(fault)) {
    return new AppError('STORE_FAILED', 'The database refused what it was asked.', undefined, fault);
  }
  const message = isConnectionLost(fault)
    ? 'The database cannot be reached; try again.'
    : 'Too many change the same at once; try again.';
  return new AppError('NOT_READY', message, undefined, fault);
}

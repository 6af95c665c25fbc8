import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeDatabaseFailure,
  isTransactionConflict,
  isTransient,
  PostgresError,
} from './database-errors.ts';

const maxErrors = 6;
const maxConflicts = 100;
const minDelayMs = 20;
const maxDelayMs = 1000;

/**
 * Runs the work again as long as it fails with a transient error of the database, up to a limit. Throws other errors of
 * the work unchanged, and the last error of the database as `describeDatabaseFailure` makes it.
 */
export async function retry<T>(work: () => Promise<T>): Promise<T> {
  let errors = 0;
  let conflicts = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      const { cause } = error;
      const isConflict = isTransactionConflict(cause);
      if (isConflict) conflicts += 1;
      else errors += 1;
      const isExhausted = errors >= maxErrors || conflicts >= maxConflicts;
      if (isExhausted || !isTransient(cause)) throw describeDatabaseFailure(cause);
      // A random delay keeps the same runs from colliding again; a conflict only needs to read again, at once.
      if (!isConflict) await sleep(Math.random() * Math.min(maxDelayMs, minDelayMs * 4 ** (errors - 1)));
    }
  }
}

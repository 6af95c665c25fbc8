import { setTimeout as sleep } from 'node:timers/promises';
import { isTransactionConflict, isTransient, PostgresError, toAppError } from './database-errors.ts';

const maxErrors = 6;
const maxConflicts = 100;
const minDelayMs = 20;
const maxDelayMs = 1000;

/**
 * Runs the work until it succeeds, as long as only the database fails and another run may do better. Throws what the
 * work threw, or as appErrorOf says.
 */
export async function retry<T>(work: () => Promise<T>): Promise<T> {
  let faults = 0;
  let staleViews = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      const { cause } = error;
      const onlyStale = isTransactionConflict(cause);
      if (onlyStale) staleViews += 1;
      else faults += 1;
      const enough = faults >= maxErrors || staleViews >= maxConflicts;
      if (enough || !isTransient(cause)) throw toAppError(cause);
      // A pause by chance keeps those that met once from meeting again; who only has to look again need not wait.
      if (!onlyStale) await sleep(Math.random() * Math.min(maxDelayMs, minDelayMs * 4 ** (faults - 1)));
    }
  }
}

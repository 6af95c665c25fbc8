import { setTimeout as sleep } from 'node:timers/promises';
import { appErrorOf, DatabaseFault, isStale, isTransient } from './database-errors.ts';

const mostFaults = 6;
const mostStaleViews = 100;
const shortestPauseMs = 20;
const longestPauseMs = 1000;

/**
 * Runs the work until it succeeds, as long as only the database fails and another run may do better. Throws what the
 * work threw, or as appErrorOf says.
 */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  let faults = 0;
  let staleViews = 0;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseFault)) throw error;
      const { cause } = error;
      const onlyStale = isStale(cause);
      if (onlyStale) staleViews += 1;
      else faults += 1;
      const enough = faults >= mostFaults || staleViews >= mostStaleViews;
      if (enough || !isTransient(cause)) throw appErrorOf(cause);
      // A pause by chance keeps those that met once from meeting again; who only has to look again need not wait.
      if (!onlyStale)
        await sleep(Math.random() * Math.min(longestPauseMs, shortestPauseMs * 4 ** (faults - 1)));
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { appErrorOf, DatabaseFault, isTransient, StaleView } from './database-errors.ts';

const attempts = 6;
const shortestPauseMs = 20;
const longestPauseMs = 1000;

/**
 * Runs the work until it succeeds, as long as only the database fails and another run may do better. Throws what the
 * work threw, or as appErrorOf says.
 */
export async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseFault)) throw error;
      const { cause } = error;
      if (attempt === attempts || !isTransient(cause)) throw appErrorOf(cause);
      const longest = Math.min(longestPauseMs, shortestPauseMs * 4 ** (attempt - 1));
      // A pause by chance keeps those that met once from meeting again; a stale view met nobody.
      if (!(cause instanceof StaleView)) await sleep(Math.random() * longest);
    }
  }
}

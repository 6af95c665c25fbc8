import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import type { Database } from './database.ts';
import type { Connection, Mark } from './database-connection.ts';
import { DatabaseFault } from './database-errors.ts';

const longestSearchMs = 30_000;
const pauseMs = 250;

/** SQL that leaves the mark `$1`, `$2` in the database, with all else its transaction does or not at all. */
export const leaveMarkSql = `
  insert into commits (connection, n) values ($1, $2)
  on conflict (connection) do update set n = excluded.n, at = now()`;

// Waits for a transaction on that connection that still runs: it holds the row.
const findSql = `
  insert into commits (connection, n) values ($1, 0)
  on conflict (connection) do update set n = commits.n returning n`;

/**
 * Whether the transaction that left this mark was committed; asks until the database tells, also behind a restart.
 * Throws STORE_FAILED when it does not tell for half a minute.
 */
export async function wasCommitted(database: Database, mark: Mark): Promise<boolean> {
  const until = performance.now() + longestSearchMs;
  for (;;) {
    try {
      const [row] = await database.use((connection) =>
        connection.query<{ n: number }>(findSql, [mark.connection]),
      );
      return row?.n === mark.n;
    } catch (error) {
      const goesOn =
        error instanceof DatabaseFault || (error instanceof AppError && error.code === 'NOT_READY');
      if (!goesOn) throw error;
      if (performance.now() > until) {
        throw new AppError(
          'STORE_FAILED',
          'The database was lost while it committed and does not say what became of it; look before you try again.',
          undefined,
          error,
        );
      }
    }
    await sleep(pauseMs);
  }
}

/** Forgets the marks of connections that are long gone. */
export async function forgetOldMarks(connection: Connection): Promise<void> {
  await connection.query(`delete from commits where at < now() - interval '1 day'`);
}

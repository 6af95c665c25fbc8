import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Database } from '../connection/database.ts';
import type { Connection, Mark } from '../connection/database-connection.ts';
import { DatabaseFault } from '../connection/database-errors.ts';
import { Scope } from './scope.ts';
import { StreamLocks } from './stream-locks.ts';

/** What a transaction leaves in the database to be known by: an event with the connection that wrote it, else a mark. */
export type Trace = Mark | { readonly connection: string; readonly stream: Stream; readonly seq: number };

const longestSearchMs = 30_000;
const pauseMs = 250;

const leaveMarkSql = `
  insert into commits (connection, n) values ($1, $2)
  on conflict (connection) do update set n = excluded.n, at = now()`;

// Waits for a transaction on that connection that still runs: it holds the row.
const findMarkSql = `
  insert into commits (connection, n) values ($1, 0)
  on conflict (connection) do update set n = commits.n returning n`;

/** Leaves the mark with all else that the transaction does, or not at all. */
export function leaveMark(connection: Connection, mark: Mark): void {
  connection.ahead(leaveMarkSql, [mark.connection, mark.n]);
}

/**
 * Whether the transaction that left this trace was committed; asks until the database tells, also behind a restart.
 * Throws STORE_FAILED when it does not tell for half a minute, or the event is no longer kept.
 */
export async function wasCommitted(database: Database, trace: Trace): Promise<boolean> {
  const until = performance.now() + longestSearchMs;
  for (;;) {
    try {
      return await database.use((connection) =>
        'stream' in trace ? eventIsThere(connection, trace) : markIsThere(connection, trace),
      );
    } catch (error) {
      const goesOn =
        error instanceof DatabaseFault || (error instanceof AppError && error.code === 'NOT_READY');
      if (!goesOn) throw error;
      if (performance.now() > until) throw unknownOutcome(error);
    }
    await sleep(pauseMs);
  }
}

/** Forgets the marks of connections that are long gone. */
export async function forgetOldMarks(connection: Connection): Promise<void> {
  await connection.query(`delete from commits where at < now() - interval '1 day'`);
}

async function markIsThere(connection: Connection, mark: Mark): Promise<boolean> {
  const [row] = await connection.query<{ n: number }>(findMarkSql, [mark.connection]);
  return row?.n === mark.n;
}

/** The lock waits for a transaction that still runs, which holds the stream; who ends the use rolls it back. */
async function eventIsThere(connection: Connection, trace: Exclude<Trace, Mark>): Promise<boolean> {
  const { stream, seq } = trace;
  connection.ahead('begin');
  const scope = new Scope(connection, true);
  await new StreamLocks().lock(scope, stream);
  if (seq <= (scope.locked.get(stream)?.pruned_to ?? 0)) throw unknownOutcome();
  const [row] = await connection.query<{ ours: boolean }>(
    'select connection = $3 as ours from events where stream = $1 and seq = $2',
    [stream, seq, trace.connection],
  );
  return row?.ours === true;
}

function unknownOutcome(cause?: unknown): AppError {
  const message =
    'The database was lost while it committed and does not say what became of it; look before you try again.';
  return new AppError('STORE_FAILED', message, undefined, cause);
}

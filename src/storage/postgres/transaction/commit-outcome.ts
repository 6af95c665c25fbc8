import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Database } from '../connection/database.ts';
import type { CommitMarker, DatabaseConnection } from '../connection/database-connection.ts';
import { PostgresError } from '../connection/database-errors.ts';
import { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import { StreamLocks } from './stream-locks.ts';

/** What a transaction leaves in the database to be known by: an event with the connection that wrote it, else a mark. */
export type CommitReference =
  | CommitMarker
  | { readonly connection: string; readonly stream: Stream; readonly seq: number };

const maxSearchMs = 30_000;
const retryDelayMs = 250;

const writeMarkerSql = `
  insert into commits (connection, n) values ($1, $2)
  on conflict (connection) do update set n = excluded.n, at = now()`;

// Waits for a transaction on that connection that still runs: it holds the row.
const findMarkerSql = `
  insert into commits (connection, n) values ($1, 0)
  on conflict (connection) do update set n = commits.n returning n`;

/** Leaves the mark with all else that the transaction does, or not at all. */
export function writeCommitMarker(connection: DatabaseConnection, mark: CommitMarker): void {
  connection.pipeline(writeMarkerSql, [mark.connection, mark.n]);
}

/**
 * Whether the transaction that left this trace was committed; asks until the database tells, also behind a restart.
 * Throws STORE_FAILED when it does not tell for half a minute, or the event is no longer kept.
 */
export async function wasCommitted(database: Database, trace: CommitReference): Promise<boolean> {
  const until = performance.now() + maxSearchMs;
  for (;;) {
    try {
      return await database.use((connection) =>
        'stream' in trace ? eventExists(connection, trace) : commitMarkerExists(connection, trace),
      );
    } catch (error) {
      const goesOn =
        error instanceof PostgresError || (error instanceof AppError && error.code === 'NOT_READY');
      if (!goesOn) throw error;
      if (performance.now() > until) throw unknownOutcomeError(error);
    }
    await sleep(retryDelayMs);
  }
}

/** Forgets the marks of connections that are long gone. */
export async function deleteExpiredCommitMarkers(connection: DatabaseConnection): Promise<void> {
  await connection.query(`delete from commits where at < now() - interval '1 day'`);
}

async function commitMarkerExists(connection: DatabaseConnection, mark: CommitMarker): Promise<boolean> {
  const [row] = await connection.query<{ n: number }>(findMarkerSql, [mark.connection]);
  return row?.n === mark.n;
}

/** The lock waits for a transaction that still runs, which holds the stream; who ends the use rolls it back. */
async function eventExists(
  connection: DatabaseConnection,
  trace: Exclude<CommitReference, CommitMarker>,
): Promise<boolean> {
  const { stream, seq } = trace;
  connection.pipeline('begin');
  const scope = new PostgresTransactionScope(connection, true);
  await new StreamLocks().lock(scope, stream);
  if (seq <= (scope.lockedStreams.get(stream)?.pruned_to ?? 0)) throw unknownOutcomeError();
  const [row] = await connection.query<{ ours: boolean }>(
    'select connection = $3 as ours from events where stream = $1 and seq = $2',
    [stream, seq, trace.connection],
  );
  return row?.ours === true;
}

function unknownOutcomeError(cause?: unknown): AppError {
  const message =
    'The database was lost while it committed and does not say what became of it; look before you try again.';
  return new AppError('STORE_FAILED', message, undefined, cause);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Database } from '../connection/database.ts';
import type { CommitMarker, DatabaseConnection } from '../connection/database-connection.ts';
import { PostgresError } from '../connection/database-errors.ts';
import { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import { StreamLocks } from './stream-locks.ts';

/** What a transaction is found by after it has committed: one of its events, or a marker when it has none. */
export type CommitReference =
  | CommitMarker
  | { readonly connection: string; readonly stream: Stream; readonly seq: number };

const maxSearchMs = 30_000;
const retryDelayMs = 250;

const writeMarkerSql = `
  insert into commits (connection, n) values ($1, $2)
  on conflict (connection) do update set n = excluded.n, at = now()`;

// A transaction that still runs on that connection holds the row, and this waits for it.
const findMarkerSql = `
  insert into commits (connection, n) values ($1, 0)
  on conflict (connection) do update set n = commits.n returning n`;

/** Writes the marker as a part of the transaction. */
export function writeCommitMarker(connection: DatabaseConnection, marker: CommitMarker): void {
  connection.pipeline(writeMarkerSql, [marker.connection, marker.n]);
}

/**
 * Whether the transaction was committed; asks until the database answers, also after a restart. Throws STORE_FAILED when
 * it does not answer for half a minute, or no longer keeps the event.
 */
export async function wasCommitted(database: Database, reference: CommitReference): Promise<boolean> {
  const deadline = performance.now() + maxSearchMs;
  for (;;) {
    try {
      return await database.use((connection) =>
        'stream' in reference
          ? eventExists(connection, reference)
          : commitMarkerExists(connection, reference),
      );
    } catch (error) {
      const isRetryable =
        error instanceof PostgresError || (error instanceof AppError && error.code === 'NOT_READY');
      if (!isRetryable) throw error;
      if (performance.now() > deadline) throw unknownOutcomeError(error);
    }
    await sleep(retryDelayMs);
  }
}

/** Deletes the markers of connections that ended long ago. */
export async function deleteExpiredCommitMarkers(connection: DatabaseConnection): Promise<void> {
  await connection.query(`delete from commits where at < now() - interval '1 day'`);
}

async function commitMarkerExists(connection: DatabaseConnection, marker: CommitMarker): Promise<boolean> {
  const [row] = await connection.query<{ n: number }>(findMarkerSql, [marker.connection]);
  return row?.n === marker.n;
}

/** Locks the stream, and so waits for a transaction that still holds it; the end of the use releases the lock. */
async function eventExists(
  connection: DatabaseConnection,
  reference: Exclude<CommitReference, CommitMarker>,
): Promise<boolean> {
  const { stream, seq } = reference;
  connection.pipeline('begin');
  const scope = new PostgresTransactionScope(connection, true);
  await new StreamLocks().lock(scope, stream);
  if (seq <= (scope.lockedStreams.get(stream)?.pruned_to ?? 0)) throw unknownOutcomeError();
  const [row] = await connection.query<{ ours: boolean }>(
    'select connection = $3 as ours from events where stream = $1 and seq = $2',
    [stream, seq, reference.connection],
  );
  return row?.ours === true;
}

function unknownOutcomeError(cause?: unknown): AppError {
  const message =
    'The connection was lost during the commit, and it is unknown whether the change was saved; check before you try again.';
  return new AppError('STORE_FAILED', message, undefined, cause);
}

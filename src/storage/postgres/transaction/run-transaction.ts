import type { CommitResult, Reader, Transaction } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import type { Database } from '../connection/database.ts';
import { isConnectionLost, PostgresError } from '../connection/database-errors.ts';
import { retry } from '../connection/retry.ts';
import { type CommitReference, wasCommitted } from './commit-outcome.ts';
import { Outbox, type Retention } from './outbox.ts';
import { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import { StreamLocks } from './stream-locks.ts';
import { createReader, createTransaction } from './transaction-views.ts';

/** Runs the work over one snapshot of what is committed. Throws what the work throws, or as retrying does. */
export function runRead<T>(database: Database, work: (reader: Reader) => Promise<T>): Promise<T> {
  return retry(() =>
    database.use(async (connection) => {
      connection.pipeline('begin isolation level repeatable read read only');
      const scope = new PostgresTransactionScope(connection, true);
      const value = await runInScope(scope, () => work(createReader(scope)));
      await connection.commit();
      return value;
    }),
  );
}

/** Runs the work and commits what it changed. Throws what the work throws, or as retrying and wasCommitted do. */
export function runTransaction<T>(
  database: Database,
  actor: string,
  retention: Retention,
  work: (tx: Transaction) => Promise<T>,
): Promise<CommitResult<T>> {
  const locks = new StreamLocks();
  let runs = 0;
  return retry(() => runOnce(database, actor, retention, locks, runs++ > 0, work));
}

async function runOnce<T>(
  database: Database,
  actor: string,
  retention: Retention,
  locks: StreamLocks,
  careful: boolean,
  work: (tx: Transaction) => Promise<T>,
): Promise<CommitResult<T>> {
  const done: { committed?: CommitResult<T>; trace?: CommitReference } = {};
  try {
    await database.use(async (connection) => {
      const now = await database.clock.beginTransaction(connection);
      const scope = new PostgresTransactionScope(connection, careful);
      const outbox = new Outbox(scope);
      const value = await runInScope(scope, async () => {
        await locks.lockRequested(scope);
        return work(createTransaction(scope, now, locks, outbox));
      });
      connection.assertHealthy();
      const trace = scope.hasWrites ? await outbox.write(connection, actor, now, retention) : undefined;
      const committed = { value, positions: positionsOf(scope) };
      Object.assign(done, { committed, trace });
      // What wrote nothing leaves nothing, also no number of a stream taken.
      if (trace !== undefined) await connection.commit();
    });
  } catch (error) {
    const { committed, trace } = done;
    const open = committed !== undefined && error instanceof PostgresError && isConnectionLost(error.cause);
    if (!open || trace === undefined || !(await wasCommitted(database, trace))) throw error;
  }
  return done.committed as CommitResult<T>;
}

async function runInScope<T>(scope: PostgresTransactionScope, work: () => Promise<T>): Promise<T> {
  const { connection } = scope;
  try {
    return await work();
  } catch (error) {
    // What the database could not do comes before what the work made of that.
    await connection.flush();
    connection.assertHealthy();
    throw error;
  } finally {
    scope.end();
  }
}

function positionsOf(scope: PostgresTransactionScope): ReadonlyMap<Stream, Position> {
  return new Map([...scope.lockedStreams].map(([stream, { epoch, seq }]) => [stream, { epoch, seq }]));
}

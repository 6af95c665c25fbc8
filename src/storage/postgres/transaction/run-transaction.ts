import type { CommitResult, Reader, Transaction } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import type { Retention } from '../../retention.ts';
import type { Database } from '../connection/database.ts';
import { isConnectionLost, PostgresError } from '../connection/database-errors.ts';
import { retry } from '../connection/retry.ts';
import { type CommitReference, wasCommitted } from './commit-outcome.ts';
import { Outbox } from './outbox.ts';
import { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import { StreamLocks } from './stream-locks.ts';
import { createReader, createTransaction } from './transaction-views.ts';

/** Runs the work on one snapshot of the committed data. Throws what the work throws, or as `retry` does. */
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

/** Runs the work and commits its changes. Throws what the work throws, or as `retry` and `wasCommitted` do. */
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
  isRetry: boolean,
  work: (tx: Transaction) => Promise<T>,
): Promise<CommitResult<T>> {
  const done: { committed?: CommitResult<T>; reference?: CommitReference } = {};
  try {
    await database.use(async (connection) => {
      const now = await database.clock.beginTransaction(connection);
      const scope = new PostgresTransactionScope(connection, isRetry);
      const outbox = new Outbox(scope);
      const value = await runInScope(scope, async () => {
        await locks.lockRequested(scope);
        return work(createTransaction(scope, now, locks, outbox));
      });
      connection.assertHealthy();
      const reference = scope.hasWrites ? await outbox.write(connection, actor, now, retention) : undefined;
      const committed = { value, positions: positionsOf(scope) };
      Object.assign(done, { committed, reference });
      // Without writes nothing is committed, so that the heads of locked streams stay as they were.
      if (reference !== undefined) await connection.commit();
    });
  } catch (error) {
    const { committed, reference } = done;
    const isUnknown =
      committed !== undefined && error instanceof PostgresError && isConnectionLost(error.cause);
    if (!isUnknown || reference === undefined || !(await wasCommitted(database, reference))) throw error;
  }
  return done.committed as CommitResult<T>;
}

async function runInScope<T>(scope: PostgresTransactionScope, work: () => Promise<T>): Promise<T> {
  const { connection } = scope;
  try {
    return await work();
  } catch (error) {
    // An error of the database comes before an error that the work made of it.
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

import type { Committed, Reader, Transaction } from '../../../application/store/store.ts';
import type { Position, Stream } from '../../../domain/channel.ts';
import type { Database } from '../connection/database.ts';
import { DatabaseFault, isLost } from '../connection/database-errors.ts';
import { retrying } from '../connection/retry.ts';
import { type Trace, wasCommitted } from './commit-outcome.ts';
import { Outbox, type Retention } from './outbox.ts';
import { Scope } from './scope.ts';
import { StreamLocks } from './stream-locks.ts';
import { readerOf, transactionOf } from './views.ts';

/** Runs the work over one snapshot of what is committed. Throws what the work throws, or as retrying does. */
export function runRead<T>(database: Database, work: (reader: Reader) => Promise<T>): Promise<T> {
  return retrying(() =>
    database.use(async (connection) => {
      connection.ahead('begin isolation level repeatable read read only');
      const scope = new Scope(connection, true);
      const value = await inScope(scope, () => work(readerOf(scope)));
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
): Promise<Committed<T>> {
  const locks = new StreamLocks();
  let runs = 0;
  return retrying(() => attempt(database, actor, retention, locks, runs++ > 0, work));
}

async function attempt<T>(
  database: Database,
  actor: string,
  retention: Retention,
  locks: StreamLocks,
  careful: boolean,
  work: (tx: Transaction) => Promise<T>,
): Promise<Committed<T>> {
  const done: { committed?: Committed<T>; trace?: Trace } = {};
  try {
    await database.use(async (connection) => {
      const now = await database.clock.begin(connection);
      const scope = new Scope(connection, careful);
      const outbox = new Outbox(scope);
      const value = await inScope(scope, async () => {
        await locks.lockWanted(scope);
        return work(transactionOf(scope, now, locks, outbox));
      });
      connection.assertSound();
      const trace = scope.wrote ? await outbox.write(connection, actor, now, retention) : undefined;
      const committed = { value, positions: positionsOf(scope) };
      Object.assign(done, { committed, trace });
      // What wrote nothing leaves nothing, also no number of a stream taken.
      if (trace !== undefined) await connection.commit();
    });
  } catch (error) {
    const { committed, trace } = done;
    const open = committed !== undefined && error instanceof DatabaseFault && isLost(error.cause);
    if (!open || trace === undefined || !(await wasCommitted(database, trace))) throw error;
  }
  return done.committed as Committed<T>;
}

async function inScope<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  const { connection } = scope;
  try {
    return await work();
  } catch (error) {
    // What the database could not do comes before what the work made of that.
    await connection.settle();
    connection.assertSound();
    throw error;
  } finally {
    scope.end();
  }
}

function positionsOf(scope: Scope): ReadonlyMap<Stream, Position> {
  return new Map([...scope.locked].map(([stream, { epoch, seq }]) => [stream, { epoch, seq }]));
}

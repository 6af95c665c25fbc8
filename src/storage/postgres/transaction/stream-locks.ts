import type { Stream } from '../../../domain/channel.ts';
import { assertStream } from '../../transaction-scope.ts';
import { TransactionConflictError } from '../connection/database-errors.ts';
import { epochSql } from '../schema/history.ts';
import type { LockedStream, PostgresTransactionScope } from './postgres-transaction-scope.ts';

// Locking a stream advances its head by one, which is right for nearly every transaction; the others correct it at their
// end. So the row is written once, instead of being locked first and written later.
const lockedColumns = `s.seq - 1 as seq, s.pruned_to, s.oldest_at, ${epochSql('s.stream')} as epoch`;
const lockSql = `update streams s set seq = seq + 1 where stream = $1 returning ${lockedColumns}`;
const lockIfFreeSql = `
  with free as (select stream from streams where stream = $1 for update skip locked)
  update streams s set seq = seq + 1 from free where s.stream = free.stream returning ${lockedColumns}`;

// Creating a stream needs this advisory lock, so that no insert waits for another insert of the same stream.
const createLockSql = `select pg_advisory_xact_lock(hashtextextended($1, 0)) is not null as may`;
const tryCreateLockSql = 'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as may';
// Inserting an existing row would wait for whoever has locked it, out of order.
const createSql = `
  insert into streams (stream) select $1 where not exists (select from streams where stream = $1)
  on conflict do nothing`;

/**
 * The locks of one use case over all its runs. Streams are locked in the order of their names, so no cycle of waiting
 * transactions can form: a stream out of order is locked only if it is free, else the work runs again and locks it first.
 */
export class StreamLocks {
  readonly #requested = new Set<Stream>();

  /** Locks, in order, the streams that earlier runs requested. */
  async lockRequested(scope: PostgresTransactionScope): Promise<void> {
    for (const stream of [...this.#requested].sort()) await this.lock(scope, stream);
  }

  /** Locks the stream until the transaction ends, which must write its head. Throws VALIDATION_ERROR for an invalid name. */
  async lock(scope: PostgresTransactionScope, stream: Stream): Promise<void> {
    const { connection } = scope;
    assertStream(stream);
    this.#requested.add(stream);
    if (scope.lockedStreams.has(stream)) return;
    const inOrder = [...scope.lockedStreams.keys()].every((held) => held < stream);
    const tryLock = async () =>
      (await connection.queryPrepared<LockedStream>(inOrder ? lockSql : lockIfFreeSql, [stream]))[0];
    let locked = await tryLock();
    if (locked === undefined) {
      const [right] = await connection.query<{ may: boolean }>(inOrder ? createLockSql : tryCreateLockSql, [
        stream,
      ]);
      if (right?.may) await connection.query(createSql, [stream]);
      locked = await tryLock();
    }
    if (locked === undefined)
      connection.fail(new TransactionConflictError('a stream was locked out of order'));
    connection.assertHealthy();
    if (locked !== undefined) scope.lockedStreams.set(stream, locked);
  }
}

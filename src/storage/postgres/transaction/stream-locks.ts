import type { Stream } from '../../../domain/channel.ts';
import { assertStream } from '../../transaction-scope.ts';
import { TransactionConflictError } from '../connection/database-errors.ts';
import { epochSql } from '../schema/history.ts';
import type { LockedStream, PostgresTransactionScope } from './postgres-transaction-scope.ts';

// To lock a stream is to take its next number, which nearly every transaction needs then; what came of that is settled
// at its end. The row is written once so, and not locked first and then written.
const lockedColumns = `s.seq - 1 as seq, s.pruned_to, s.oldest_at, ${epochSql('s.stream')} as epoch`;
const lockSql = `update streams s set seq = seq + 1 where stream = $1 returning ${lockedColumns}`;
const lockIfFreeSql = `
  with free as (select stream from streams where stream = $1 for update skip locked)
  update streams s set seq = seq + 1 from free where s.stream = free.stream returning ${lockedColumns}`;

// Who makes a stream holds this lock too, so that to make one never means to wait for another who does.
const createLockSql = `select pg_advisory_xact_lock(hashtextextended($1, 0)) is not null as may`;
const tryCreateLockSql = 'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as may';
// To insert beside a row that somebody has locked would mean to wait for them, in whatever order.
const createSql = `
  insert into streams (stream) select $1 where not exists (select from streams where stream = $1)
  on conflict do nothing`;

/**
 * The locks of one use case over all its runs. Who waits for a stream holds none behind it in their order, so nobody
 * waits in a circle: a stream out of order is taken only if it is free, else the work runs again and has it first.
 */
export class StreamLocks {
  readonly #requested = new Set<Stream>();

  /** Locks what earlier runs came to want, in order. */
  async lockRequested(scope: PostgresTransactionScope): Promise<void> {
    for (const stream of [...this.#requested].sort()) await this.lock(scope, stream);
  }

  /** Locks the stream until the transaction ends, which has to settle how far it goes. Throws VALIDATION_ERROR when that is no name of a stream. */
  async lock(scope: PostgresTransactionScope, stream: Stream): Promise<void> {
    const { connection } = scope;
    assertStream(stream);
    this.#requested.add(stream);
    if (scope.lockedStreams.has(stream)) return;
    const inOrder = [...scope.lockedStreams.keys()].every((held) => held < stream);
    const take = async () =>
      (await connection.queryPrepared<LockedStream>(inOrder ? lockSql : lockIfFreeSql, [stream]))[0];
    let taken = await take();
    if (taken === undefined) {
      const [right] = await connection.query<{ may: boolean }>(inOrder ? createLockSql : tryCreateLockSql, [
        stream,
      ]);
      if (right?.may) await connection.query(createSql, [stream]);
      taken = await take();
    }
    if (taken === undefined)
      connection.fail(new TransactionConflictError('a stream was locked out of order'));
    connection.assertHealthy();
    if (taken !== undefined) scope.lockedStreams.set(stream, taken);
  }
}

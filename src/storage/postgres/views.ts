import { kinds, logKinds } from '../../application/collections.ts';
import type { Reader, Transaction } from '../../application/store.ts';
import type { Outbox } from './outbox.ts';
import { PostgresEntities } from './postgres-entities.ts';
import { PostgresEvents } from './postgres-events.ts';
import { PostgresLogRepository, PostgresLogs } from './postgres-logs.ts';
import { PostgresRepository } from './postgres-repository.ts';
import type { Scope } from './scope.ts';
import type { StreamLocks } from './stream-locks.ts';

/** A view of what is committed. */
export function readerOf(scope: Scope): Reader {
  const parts = [
    ...kinds.map((kind) => [kind, new PostgresEntities(kind, scope)]),
    ...logKinds.map((log) => [log, new PostgresLogs(log, scope)]),
  ];
  // One part for each entry of the catalogues, which is what the types of the views are mapped over.
  return { ...Object.fromEntries(parts), events: new PostgresEvents(scope) } as Reader;
}

/** A view that can change what it sees. */
export function transactionOf(scope: Scope, now: number, locks: StreamLocks, outbox: Outbox): Transaction {
  const parts = [
    ...kinds.map((kind) => [kind, new PostgresRepository(kind, scope)]),
    ...logKinds.map((log) => [log, new PostgresLogRepository(log, scope)]),
  ];
  const rest: Pick<Transaction, 'events' | 'now' | 'lock' | 'emit'> = {
    events: new PostgresEvents(scope),
    now,
    lock: (stream) => locks.lock(scope, stream),
    emit: (name, data) => outbox.emit(name, data),
  };
  // As in readerOf.
  return { ...Object.fromEntries(parts), ...rest } as Transaction;
}

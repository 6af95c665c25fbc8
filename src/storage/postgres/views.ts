import { kinds, logKinds } from '../../application/collections.ts';
import type { Reader, Transaction } from '../../application/store.ts';
import { lazyParts } from './lazy-parts.ts';
import type { Outbox } from './outbox.ts';
import { PostgresEntities } from './postgres-entities.ts';
import { PostgresEvents } from './postgres-events.ts';
import { PostgresLogRepository, PostgresLogs } from './postgres-logs.ts';
import { PostgresRepository } from './postgres-repository.ts';
import type { Scope } from './scope.ts';
import type { StreamLocks } from './stream-locks.ts';

/** A view of what is committed. */
export function readerOf(scope: Scope): Reader {
  const parts = {
    ...each(kinds, (kind) => new PostgresEntities(kind, scope)),
    ...each(logKinds, (log) => new PostgresLogs(log, scope)),
    events: () => new PostgresEvents(scope),
  };
  // One part for each entry of the catalogues, which is what the types of the views are mapped over.
  return lazyParts(parts) as Reader;
}

/** A view that can change what it sees. */
export function transactionOf(scope: Scope, now: number, locks: StreamLocks, outbox: Outbox): Transaction {
  const parts = {
    ...each(kinds, (kind) => new PostgresRepository(kind, scope)),
    ...each(logKinds, (log) => new PostgresLogRepository(log, scope)),
    events: () => new PostgresEvents(scope),
  };
  const rest: Pick<Transaction, 'now' | 'lock' | 'emit'> = {
    now,
    lock: (stream) => locks.lock(scope, stream),
    emit: (name, data) => outbox.emit(name, data),
  };
  // As in readerOf.
  return Object.assign(lazyParts(parts), rest) as Transaction;
}

function each<Name extends string>(names: readonly Name[], make: (name: Name) => unknown) {
  return Object.fromEntries(names.map((name) => [name, () => make(name)]));
}

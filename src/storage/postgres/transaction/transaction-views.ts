import { catalogueViewOf, defineCatalogueViews } from '../../../application/store/catalogue-views.ts';
import type { Reader, Transaction } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Outbox } from './outbox.ts';
import { PostgresEntities } from './postgres-entities.ts';
import { PostgresEvents } from './postgres-events.ts';
import { PostgresLogRepository, PostgresLogs } from './postgres-logs.ts';
import { PostgresRepository } from './postgres-repository.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import type { StreamLocks } from './stream-locks.ts';

/** A view of the committed data. */
export function createReader(scope: PostgresTransactionScope): Reader {
  return catalogueViewOf<Reader>(new ReaderView(scope));
}

/** A view of the committed data that can change it. */
export function createTransaction(
  scope: PostgresTransactionScope,
  now: number,
  locks: StreamLocks,
  outbox: Outbox,
): Transaction {
  return catalogueViewOf<Transaction>(new TransactionView(scope, now, locks, outbox));
}

class ReaderView implements Pick<Reader, 'events'> {
  readonly scope: PostgresTransactionScope;

  constructor(scope: PostgresTransactionScope) {
    this.scope = scope;
  }

  get events(): PostgresEvents {
    return new PostgresEvents(this.scope);
  }
}

defineCatalogueViews(ReaderView, {
  entities: ({ scope }, kind) => new PostgresEntities(kind, scope),
  logs: ({ scope }, log) => new PostgresLogs(log, scope),
});

class TransactionView extends ReaderView implements Pick<Transaction, 'events' | 'now' | 'lock' | 'emit'> {
  readonly now: number;
  readonly locks: StreamLocks;
  readonly outbox: Outbox;
  /** One repository for each kind, since it remembers what it has read. */
  readonly repositories = new Map<string, object>();

  constructor(scope: PostgresTransactionScope, now: number, locks: StreamLocks, outbox: Outbox) {
    super(scope);
    this.now = now;
    this.locks = locks;
    this.outbox = outbox;
  }

  lock(stream: Stream): Promise<void> {
    return this.locks.lock(this.scope, stream);
  }

  emit(...event: Parameters<Transaction['emit']>): void {
    this.outbox.emit(...event);
  }
}

defineCatalogueViews(TransactionView, {
  entities: ({ scope, repositories }, kind) => {
    const repository = repositories.get(kind) ?? new PostgresRepository(kind, scope);
    repositories.set(kind, repository);
    return repository;
  },
  logs: ({ scope }, log) => new PostgresLogRepository(log, scope),
});

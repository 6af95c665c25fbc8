import { catalogueViewOf, defineCatalogueViews } from '../../../application/store/catalogue-views.ts';
import { collectionOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind, LogEntryOf, LogKind } from '../../../application/store/collections.ts';
import type {
  EventReader,
  LogRepository,
  Repository,
  Transaction,
} from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import { AppError, notFoundError } from '../../../domain/errors.ts';
import { type EventData, type EventName, streamsOfEvent } from '../../../domain/events.ts';
import type { Retention } from '../../retention.ts';
import { assertId, type TransactionScope } from '../../transaction-scope.ts';
import { assertStorable } from '../records/any-entity.ts';
import { StoredEntities, StoredEvents, StoredLogs } from './stored-reader.ts';
import type { WriteSet } from './write-set.ts';

class StoredRepository<K extends Kind> extends StoredEntities<K> implements Repository<K> {
  readonly #writes: WriteSet;

  constructor(kind: K, writes: WriteSet, scope: TransactionScope) {
    super(kind, writes, scope);
    this.#writes = writes;
  }

  async insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    return this.restore({ ...entity, version: 1 });
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    await this.scope.enter();
    const id = this.#idOf(entity);
    if (this.#writes.get(this.kind, id) !== undefined) {
      throw new AppError('ALREADY_EXISTS', `There is a ${collectionOf(this.kind).noun} ${id} already.`, {
        id,
      });
    }
    return this.#put(entity);
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    await this.scope.enter();
    const id = this.#idOf(entity);
    const { version } = this.#require(id);
    if (entity.version !== version) {
      throw new AppError(
        'CONFLICT',
        `The ${collectionOf(this.kind).noun} ${id} is at version ${version} by now, not ${entity.version}.`,
        { id, version },
      );
    }
    return this.#put({ ...entity, version: version + 1 });
  }

  async delete(id: string): Promise<void> {
    await this.scope.enter();
    this.#require(id);
    this.#writes.delete(this.kind, id);
  }

  #idOf(entity: EntityOf<K>): string {
    this.scope.assertOpen();
    const { id, project } = collectionOf(this.kind);
    assertId(id(entity));
    this.scope.assertLocked(project(entity));
    return id(entity);
  }

  #require(id: string): EntityOf<K> {
    const { noun, project } = collectionOf(this.kind);
    const present = this.#writes.get(this.kind, id);
    if (present === undefined) throw notFoundError(noun, id);
    this.scope.assertLocked(project(present));
    return present;
  }

  #put(entity: EntityOf<K>): EntityOf<K> {
    assertStorable(this.kind, entity);
    return this.#writes.put(this.kind, entity);
  }
}

class StoredLogRepository<L extends LogKind> extends StoredLogs<L> implements LogRepository<L> {
  readonly #writes: WriteSet;

  constructor(kind: L, writes: WriteSet, scope: TransactionScope) {
    super(kind, writes, scope);
    this.#writes = writes;
  }

  async append(id: string, projectId: string, entry: LogEntryOf<L>): Promise<number> {
    this.#assertMayChange(id, projectId);
    return this.#writes.append(this.kind, id, entry);
  }

  async drop(id: string, projectId: string): Promise<void> {
    this.#assertMayChange(id, projectId);
    this.#writes.drop(this.kind, id);
  }

  #assertMayChange(id: string, projectId: string): void {
    this.scope.assertOpen();
    assertId(id);
    this.scope.assertLocked(projectId);
  }
}

/** The transaction of a write set, for as long as its scope lasts. */
export function createTransaction(
  writes: WriteSet,
  scope: TransactionScope,
  now: number,
  retention: Retention,
): Transaction {
  return catalogueViewOf<Transaction>(new TransactionParts(writes, scope, now, retention));
}

class TransactionParts implements Pick<Transaction, 'events' | 'now' | 'lock' | 'emit'> {
  readonly writes: WriteSet;
  readonly scope: TransactionScope;
  readonly now: number;
  readonly events: EventReader;

  constructor(writes: WriteSet, scope: TransactionScope, now: number, retention: Retention) {
    this.writes = writes;
    this.scope = scope;
    this.now = now;
    this.events = new StoredEvents(writes, scope, retention);
  }

  async lock(stream: Stream): Promise<void> {
    this.scope.lock(stream);
  }

  emit<Name extends EventName>(name: Name, data: EventData<Name>): void {
    this.scope.assertOpen();
    for (const stream of streamsOfEvent(name, data)) this.scope.assertStreamLocked(stream);
    this.writes.emit(name, data);
  }
}

defineCatalogueViews(TransactionParts, {
  entities: ({ writes, scope }, kind) => new StoredRepository(kind, writes, scope),
  logs: ({ writes, scope }, kind) => new StoredLogRepository(kind, writes, scope),
});

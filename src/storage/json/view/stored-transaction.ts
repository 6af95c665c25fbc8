import { defineParts, partsOf } from '../../../application/store/catalogue-views.ts';
import type { EntityOf, Kind, LogEntryOf, LogKind } from '../../../application/store/collections.ts';
import type {
  EventReader,
  LogRepository,
  Repository,
  Transaction,
} from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import { AppError, notFound } from '../../../domain/errors.ts';
import { type EventData, type EventName, streamsOf } from '../../../domain/events.ts';
import type { Retention } from '../../retention.ts';
import { assertId, type Permit } from '../../transaction-scope.ts';
import { assertStorable, storedKind } from '../records/collection-entry.ts';
import { StoredEntities, StoredEvents, StoredLogs } from './stored-reader.ts';
import type { Draft } from './write-set.ts';

class StoredRepository<K extends Kind> extends StoredEntities<K> implements Repository<K> {
  readonly #draft: Draft;

  constructor(kind: K, draft: Draft, permit: Permit) {
    super(kind, draft, permit);
    this.#draft = draft;
  }

  async insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    return this.restore({ ...entity, version: 1 });
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const id = this.#idOf(entity);
    if (this.#draft.get(this.kind, id) !== undefined) {
      throw new AppError('ALREADY_EXISTS', `There is a ${storedKind(this.kind).noun} ${id} already.`, { id });
    }
    return this.#put(entity);
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const id = this.#idOf(entity);
    const { version } = this.#require(id);
    if (entity.version !== version) {
      throw new AppError(
        'CONFLICT',
        `The ${storedKind(this.kind).noun} ${id} is at version ${version} by now, not ${entity.version}.`,
        { id, version },
      );
    }
    return this.#put({ ...entity, version: version + 1 });
  }

  async delete(id: string): Promise<void> {
    this.permit.assertOpen();
    this.#require(id);
    this.#draft.delete(this.kind, id);
  }

  #idOf(entity: EntityOf<K>): string {
    this.permit.assertOpen();
    const { id, project } = storedKind(this.kind);
    assertId(id(entity));
    this.permit.assertLocked(project(entity));
    return id(entity);
  }

  #require(id: string): EntityOf<K> {
    const { noun, project } = storedKind(this.kind);
    const present = this.#draft.get(this.kind, id);
    if (present === undefined) throw notFound(noun, id);
    this.permit.assertLocked(project(present));
    return present;
  }

  #put(entity: EntityOf<K>): EntityOf<K> {
    assertStorable(this.kind, entity);
    return this.#draft.put(this.kind, entity);
  }
}

class StoredLogRepository<L extends LogKind> extends StoredLogs<L> implements LogRepository<L> {
  readonly #draft: Draft;

  constructor(kind: L, draft: Draft, permit: Permit) {
    super(kind, draft, permit);
    this.#draft = draft;
  }

  async append(id: string, projectId: string, entry: LogEntryOf<L>): Promise<number> {
    this.#assertMayChange(id, projectId);
    return this.#draft.append(this.kind, id, entry);
  }

  async drop(id: string, projectId: string): Promise<void> {
    this.#assertMayChange(id, projectId);
    this.#draft.drop(this.kind, id);
  }

  #assertMayChange(id: string, projectId: string): void {
    this.permit.assertOpen();
    assertId(id);
    this.permit.assertLocked(projectId);
  }
}

/** The transaction that changes a draft, for as long as its permit lasts. */
export function transactionOf(draft: Draft, permit: Permit, now: number, retention: Retention): Transaction {
  return partsOf<Transaction>(new TransactionParts(draft, permit, now, retention));
}

class TransactionParts implements Pick<Transaction, 'events' | 'now' | 'lock' | 'emit'> {
  readonly draft: Draft;
  readonly permit: Permit;
  readonly now: number;
  readonly events: EventReader;

  constructor(draft: Draft, permit: Permit, now: number, retention: Retention) {
    this.draft = draft;
    this.permit = permit;
    this.now = now;
    this.events = new StoredEvents(draft, permit, retention);
  }

  async lock(stream: Stream): Promise<void> {
    this.permit.lock(stream);
  }

  emit<Name extends EventName>(name: Name, data: EventData<Name>): void {
    this.permit.assertOpen();
    for (const stream of streamsOf(name, data)) this.permit.assertStreamLocked(stream);
    this.draft.emit(name, data);
  }
}

defineParts(TransactionParts, {
  entities: ({ draft, permit }, kind) => new StoredRepository(kind, draft, permit),
  logs: ({ draft, permit }, kind) => new StoredLogRepository(kind, draft, permit),
});

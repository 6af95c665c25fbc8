import { type CollectionOf, collectionOf } from '../../../src/application/store/collection-of.ts';
import type { EntityOf, Kind } from '../../../src/application/store/collections.ts';
import type { EntityReader, Query, Repository } from '../../../src/application/store/store.ts';
import { AppError, notFoundError } from '../../../src/domain/errors.ts';
import type { Page } from '../../../src/domain/values/page.ts';
import { assertId, type TransactionScope } from '../../../src/storage/transaction-scope.ts';
import { frozenCopy } from './frozen-copy.ts';
import { queryPage } from './query-page.ts';

/** The entities of one kind in a map. */
export class MemoryEntities<K extends Kind> implements EntityReader<K> {
  protected readonly scope: TransactionScope;
  protected readonly entities: Map<string, EntityOf<K>>;
  protected readonly entry: CollectionOf<EntityOf<K>>;

  constructor(kind: K, entities: Map<string, EntityOf<K>>, permit: TransactionScope) {
    this.scope = permit;
    this.entities = entities;
    this.entry = collectionOf(kind);
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    this.scope.assertOpen();
    return this.entities.get(id);
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    this.scope.assertOpen();
    return queryPage(this.entities.values(), query, this.entry);
  }
}

/** The same with the right to change them. */
export class MemoryRepository<K extends Kind> extends MemoryEntities<K> implements Repository<K> {
  async insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    return this.restore({ ...entity, version: 1 });
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const id = this.#prepare(entity);
    if (this.entities.has(id)) {
      throw new AppError('ALREADY_EXISTS', `There is a ${this.entry.noun} ${id} already.`, { id });
    }
    return this.#store(id, entity, entity.version);
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const id = this.#prepare(entity);
    const present = this.#require(id);
    if (entity.version !== present.version) {
      throw new AppError(
        'CONFLICT',
        `The ${this.entry.noun} ${id} is at version ${present.version} by now, not ${entity.version}.`,
        { id, version: present.version },
      );
    }
    return this.#store(id, entity, present.version + 1);
  }

  async delete(id: string): Promise<void> {
    this.scope.assertOpen();
    this.#require(id);
    this.entities.delete(id);
  }

  #prepare(entity: EntityOf<K>): string {
    this.scope.assertOpen();
    const id = this.entry.id(entity);
    assertId(id);
    this.scope.assertLocked(this.entry.project(entity));
    return id;
  }

  #require(id: string): EntityOf<K> {
    const present = this.entities.get(id);
    if (present === undefined) throw notFoundError(this.entry.noun, id);
    this.scope.assertLocked(this.entry.project(present));
    return present;
  }

  #store(id: string, entity: EntityOf<K>, version: number): EntityOf<K> {
    const stored = frozenCopy({ ...entity, version });
    if (!this.entry.schema.safeParse(stored).success) {
      throw new AppError('INTERNAL_ERROR', `A ${this.entry.noun} of this shape cannot be stored.`, { id });
    }
    this.entities.set(id, stored);
    return stored;
  }
}

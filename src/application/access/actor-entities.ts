import { streamOfProject } from '../../domain/channel.ts';
import { notFoundError } from '../../domain/errors.ts';
import type { Page } from '../../domain/values/page.ts';
import { projectOf } from '../store/collection-of.ts';
import { collections, type EntityOf, type Kind } from '../store/collections.ts';
import type { EntityReader, Query, Repository, Transaction } from '../store/store.ts';
import type { Visibility } from './visibility.ts';

/** Entities of one kind, as far as they exist for the actor. */
export class ActorEntities<K extends Kind> implements EntityReader<K> {
  protected readonly visibility: Visibility;
  protected readonly kind: K;
  readonly #source: EntityReader<K>;

  constructor(visibility: Visibility, kind: K, source: EntityReader<K>) {
    this.visibility = visibility;
    this.kind = kind;
    this.#source = source;
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    return this.visibility.filter(this.kind, await this.#source.get(id));
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    const narrowed = this.visibility.restrict(this.kind, query);
    if (narrowed === undefined) return { items: [], next: null, total: 0 };
    const page = await this.#source.list(narrowed);
    return { ...page, items: page.items.filter((entity) => this.visibility.isVisible(this.kind, entity)) };
  }

  /** The entity; in a transaction its project is locked first. Throws NOT_FOUND. */
  async require(id: string): Promise<EntityOf<K>> {
    return this.requireVisible(await this.#source.get(id), id);
  }

  protected requireVisible(entity: EntityOf<K> | undefined, id: string): EntityOf<K> {
    const seen = this.visibility.filter(this.kind, entity);
    if (seen === undefined) throw notFoundError(collections[this.kind].noun, id);
    return seen;
  }
}

/** The same with the right to change them; see Repository. */
export class ActorRepository<K extends Kind> extends ActorEntities<K> implements Repository<K> {
  readonly #repository: Repository<K>;
  readonly #tx: Transaction;

  constructor(visibility: Visibility, kind: K, repository: Repository<K>, tx: Transaction) {
    super(visibility, kind, repository);
    this.#repository = repository;
    this.#tx = tx;
  }

  override async require(id: string): Promise<EntityOf<K>> {
    const entity = await super.require(id);
    const project = projectOf(this.kind, entity);
    if (project === undefined) return entity;
    const stream = streamOfProject(project);
    if (this.visibility.locked.has(stream)) return entity;
    await this.#tx.lock(stream);
    this.visibility.locked.add(stream);
    // It may have changed before the lock was there.
    return super.require(id);
  }

  async insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.visibility.hasWritten = true;
    return this.#repository.insert(this.requireVisible(entity, 'here'));
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.visibility.hasWritten = true;
    return this.#repository.restore(this.requireVisible(entity, 'here'));
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.visibility.hasWritten = true;
    return this.#repository.update(this.requireVisible(entity, 'here'));
  }

  async delete(id: string): Promise<void> {
    await this.require(id);
    this.visibility.hasWritten = true;
    await this.#repository.delete(id);
  }
}

import { streamOf } from '../../domain/channel.ts';
import { notFound } from '../../domain/errors.ts';
import type { Page } from '../../domain/values/page.ts';
import { collections, type EntityOf, type Kind } from '../store/collections.ts';
import type { EntityReader, Query, Repository, Transaction } from '../store/store.ts';
import { type Door, projectOf } from './visibility.ts';

/** Entities of one kind, as far as they exist for the actor. */
export class ActorEntities<K extends Kind> implements EntityReader<K> {
  protected readonly door: Door;
  protected readonly kind: K;
  readonly #source: EntityReader<K>;

  constructor(door: Door, kind: K, source: EntityReader<K>) {
    this.door = door;
    this.kind = kind;
    this.#source = source;
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    return this.door.see(this.kind, await this.#source.get(id));
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    const narrowed = this.door.narrow(this.kind, query);
    if (narrowed === undefined) return { items: [], next: null, total: 0 };
    const page = await this.#source.list(narrowed);
    return { ...page, items: page.items.filter((entity) => this.door.exists(this.kind, entity)) };
  }

  /** The entity; in a transaction its project is locked first. Throws NOT_FOUND. */
  async require(id: string): Promise<EntityOf<K>> {
    return this.visible(await this.#source.get(id), id);
  }

  protected visible(entity: EntityOf<K> | undefined, id: string): EntityOf<K> {
    const seen = this.door.see(this.kind, entity);
    if (seen === undefined) throw notFound(collections[this.kind].noun, id);
    return seen;
  }
}

/** The same with the right to change them; see Repository. */
export class ActorRepository<K extends Kind> extends ActorEntities<K> implements Repository<K> {
  readonly #repository: Repository<K>;
  readonly #tx: Transaction;

  constructor(door: Door, kind: K, repository: Repository<K>, tx: Transaction) {
    super(door, kind, repository);
    this.#repository = repository;
    this.#tx = tx;
  }

  override async require(id: string): Promise<EntityOf<K>> {
    const project = projectOf(this.kind, await super.require(id));
    if (project !== undefined) await this.#tx.lock(streamOf(project));
    return super.require(id);
  }

  async insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.door.wrote = true;
    return this.#repository.insert(this.visible(entity, 'here'));
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.door.wrote = true;
    return this.#repository.restore(this.visible(entity, 'here'));
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    this.door.wrote = true;
    return this.#repository.update(this.visible(entity, 'here'));
  }

  async delete(id: string): Promise<void> {
    await this.require(id);
    this.door.wrote = true;
    await this.#repository.delete(id);
  }
}

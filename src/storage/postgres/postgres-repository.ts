import type { EntityOf, Kind } from '../../application/collections.ts';
import type { Query, Repository } from '../../application/store.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import type { Page } from '../../domain/page.ts';
import { StaleView } from './database-errors.ts';
import { type Column, filterColumns, sortColumns } from './entity-tables.ts';
import { PostgresEntities } from './postgres-entities.ts';
import { assertId, type Scope } from './scope.ts';
import { parseFrozen, storedJson } from './stored-json.ts';

/**
 * The entities of one kind with the right to change them. It remembers what the transaction has seen of them: a change
 * that fails because that is no longer so is no answer, the work runs again.
 */
export class PostgresRepository<K extends Kind> extends PostgresEntities<K> implements Repository<K> {
  readonly #seen = new Map<string, EntityOf<K> | undefined>();
  readonly #columns: readonly Column<EntityOf<K>>[];

  constructor(kind: K, scope: Scope) {
    super(kind, scope);
    this.#columns = [...filterColumns(kind).values(), ...sortColumns(kind).values()];
  }

  override async get(id: string): Promise<EntityOf<K> | undefined> {
    const entity = await super.get(id);
    this.#seen.set(id, entity);
    return entity;
  }

  override async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    const page = await super.list(query);
    for (const entity of page.items) this.#seen.set(this.entry.id(entity), entity);
    return page;
  }

  insert(entity: EntityOf<K>): Promise<EntityOf<K>> {
    return this.restore({ ...entity, version: 1 });
  }

  async restore(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const { id, text, stored } = this.#prepare(entity, entity.version);
    const names = ['id', 'version', 'doc', ...this.#columns.map((column) => column.name)];
    const sql = `insert into ${this.kind} (${names}) values (${names.map((_, i) => `$${i + 1}`)})
      on conflict (id) do nothing returning 1 as done`;
    if (!(await this.#write(sql, [id, stored.version, text, ...this.#values(stored)]))) {
      if (this.#seen.has(id) && this.#seen.get(id) === undefined) this.#runAgain(id);
      throw new AppError('ALREADY_EXISTS', `There is a ${this.entry.noun} ${id} already.`, { id });
    }
    this.#seen.set(id, stored);
    return stored;
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const { id, text, stored } = this.#prepare(entity, entity.version + 1);
    const present = await this.#present(id);
    if (entity.version !== present.version) {
      const message = `The ${this.entry.noun} ${id} is at version ${present.version} by now, not ${entity.version}.`;
      throw new AppError('CONFLICT', message, { id, version: present.version });
    }
    const sets = ['version', 'doc', ...this.#columns.map((column) => column.name)];
    const sql = `update ${this.kind} set ${sets.map((name, i) => `${name} = $${i + 3}`)}
      where id = $1 and version = $2 returning 1 as done`;
    const values = [id, present.version, stored.version, text, ...this.#values(stored)];
    if (!(await this.#write(sql, values))) this.#runAgain(id);
    this.#seen.set(id, stored);
    return stored;
  }

  async delete(id: string): Promise<void> {
    this.scope.connection.assertSound();
    const present = await this.#present(id);
    const sql = `delete from ${this.kind} where id = $1 and version = $2 returning 1 as done`;
    if (!(await this.#write(sql, [id, present.version]))) this.#runAgain(id);
    this.#seen.set(id, undefined);
  }

  #prepare(entity: EntityOf<K>, version: number) {
    this.scope.connection.assertSound();
    const id = this.entry.id(entity);
    assertId(id);
    this.scope.assertLocked(this.entry.project(entity));
    const text = storedJson({ ...entity, version });
    // What was an entity of the kind is one again.
    return { id, text, stored: parseFrozen(text) as EntityOf<K> };
  }

  /** The entity as this transaction last saw it. */
  async #present(id: string): Promise<EntityOf<K>> {
    const present = this.#seen.get(id) ?? (await this.get(id));
    if (present === undefined) throw notFound(this.entry.noun, id);
    this.scope.assertLocked(this.entry.project(present));
    return present;
  }

  #values(entity: EntityOf<K>): unknown[] {
    return this.#columns.map((column) => column.of(entity));
  }

  async #write(sql: string, values: readonly unknown[]): Promise<boolean> {
    this.scope.wrote = true;
    return (await this.scope.connection.query(sql, values)).length > 0;
  }

  #runAgain(id: string): never {
    const { connection } = this.scope;
    connection.fail(new StaleView(`the ${this.entry.noun} ${id} changed meanwhile`));
    connection.assertSound();
    throw new AppError('INTERNAL_ERROR', 'A fault of a connection was not kept.');
  }
}

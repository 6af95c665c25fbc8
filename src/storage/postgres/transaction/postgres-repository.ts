import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Query, Repository } from '../../../application/store/store.ts';
import { AppError, notFoundError } from '../../../domain/errors.ts';
import type { Page } from '../../../domain/values/page.ts';
import { parseFrozen } from '../../frozen-json.ts';
import { assertId } from '../../transaction-scope.ts';
import { TransactionConflictError } from '../connection/database-errors.ts';
import { serializeJson } from '../connection/postgres-json.ts';
import { PostgresEntities } from './postgres-entities.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';
import { type WriteStatements, writeStatementsFor } from './write-statements.ts';

/**
 * The entities of one kind, with the right to change them. It remembers which entities the transaction has read: when a
 * change fails because one of them has changed since, the work runs again.
 */
export class PostgresRepository<K extends Kind> extends PostgresEntities<K> implements Repository<K> {
  readonly #seen = new Map<string, EntityOf<K> | undefined>();
  readonly #sql: WriteStatements<EntityOf<K>>;

  constructor(kind: K, scope: PostgresTransactionScope) {
    super(kind, scope);
    this.#sql = writeStatementsFor(kind);
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
    const values = [id, stored.version, text, ...this.#sql.columnValues(stored)];
    if (!this.scope.isRetry) {
      this.#pipelineWrite(this.#sql.insert, values);
    } else if (!(await this.#write(this.#sql.insertIfAbsent, values))) {
      if (this.#seen.has(id) && this.#seen.get(id) === undefined) this.#failWithConflict(id);
      throw new AppError('ALREADY_EXISTS', `There is a ${this.entry.noun} ${id} already.`, { id });
    }
    this.#seen.set(id, stored);
    return stored;
  }

  async update(entity: EntityOf<K>): Promise<EntityOf<K>> {
    const { id, text, stored } = this.#prepare(entity, entity.version + 1);
    const present = await this.#current(id);
    if (entity.version !== present.version) {
      const message = `The ${this.entry.noun} ${id} is at version ${present.version} now, not ${entity.version}.`;
      throw new AppError('CONFLICT', message, { id, version: present.version });
    }
    const values = [id, present.version, stored.version, text, ...this.#sql.columnValues(stored)];
    this.#pipelineWrite(this.#sql.update, values);
    this.#seen.set(id, stored);
    return stored;
  }

  async delete(id: string): Promise<void> {
    this.scope.connection.assertHealthy();
    const present = await this.#current(id);
    if (!(await this.#write(this.#sql.delete, [id, present.version]))) this.#failWithConflict(id);
    this.#seen.set(id, undefined);
  }

  #prepare(entity: EntityOf<K>, version: number) {
    this.scope.connection.assertHealthy();
    const id = this.entry.id(entity);
    assertId(id);
    this.scope.assertLocked(this.entry.project(entity));
    const text = serializeJson({ ...entity, version });
    const stored = parseFrozen(text);
    if (!this.entry.schema.safeParse(stored).success) {
      throw new AppError('INTERNAL_ERROR', `The ${this.entry.noun} ${id} does not match its schema.`);
    }
    // The schema of the kind has just accepted it.
    return { id, text, stored: stored as EntityOf<K> };
  }

  /** The entity as this transaction last read or wrote it. */
  async #current(id: string): Promise<EntityOf<K>> {
    const present = this.#seen.get(id) ?? (await this.get(id));
    if (present === undefined) throw notFoundError(this.entry.noun, id);
    this.scope.assertLocked(this.entry.project(present));
    return present;
  }

  /** Writes without waiting for the answer: an error makes the transaction fail, and the work runs again. */
  #pipelineWrite(sql: string, values: readonly unknown[]): void {
    this.scope.hasWrites = true;
    this.scope.connection.pipeline(sql, values);
  }

  async #write(sql: string, values: readonly unknown[]): Promise<boolean> {
    this.scope.hasWrites = true;
    return (await this.scope.connection.queryPrepared(sql, values)).length > 0;
  }

  #failWithConflict(id: string): never {
    const { connection } = this.scope;
    connection.fail(new TransactionConflictError(`the ${this.entry.noun} ${id} changed meanwhile`));
    connection.assertHealthy();
    throw new AppError('INTERNAL_ERROR', 'The connection did not keep its error.');
  }
}

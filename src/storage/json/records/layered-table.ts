import { type AnyQuery, RecordTable, type TableDefinition } from './record-table.ts';
import { filterIterable, mergeSorted, type ResultSet } from './result-set.ts';

/**
 * A table with some entities of its own over those of another: what a transaction changed over what is committed, or
 * what was before over what is.
 */
export class LayeredTable<E> {
  readonly #base: RecordTable<E>;
  readonly #own: RecordTable<E>;
  readonly #id: (entity: E) => string;
  readonly #overriddenIds = new Set<string>();

  constructor(base: RecordTable<E>, entry: TableDefinition<E>) {
    this.#base = base;
    this.#own = new RecordTable(entry);
    this.#id = entry.id;
  }

  /** The ids that this layer decides about. */
  get overriddenIds(): ReadonlySet<string> {
    return this.#overriddenIds;
  }

  get(id: string): E | undefined {
    return this.#overriddenIds.has(id) ? this.#own.get(id) : this.#base.get(id);
  }

  /** Puts the entity in place of the one with its id. */
  put(entity: E): void {
    this.#own.put(entity);
    this.#overriddenIds.add(this.#id(entity));
  }

  /** Takes out the entity with this id. */
  delete(id: string): void {
    this.#own.delete(id);
    this.#overriddenIds.add(id);
  }

  /** As RecordTable.find. */
  find(query: AnyQuery): ResultSet<E> {
    const base = this.#base.find(query);
    if (this.#overriddenIds.size === 0) return base;
    const own = this.#own.find(query);
    const { order, descending } = base;
    const compare = (a: E, b: E) => (descending ? order.compare(b, a) : order.compare(a, b));
    const isUncovered = (entity: E) => !this.#overriddenIds.has(this.#id(entity));
    return {
      order,
      descending,
      walk: (after) => mergeSorted([filterIterable(base.walk(after), isUncovered), own.walk(after)], compare),
      // Not told unasked, as it costs a look at everything covered.
      total:
        query.count && base.total !== undefined && own.total !== undefined
          ? base.total - this.#countOverridden(query) + own.total
          : undefined,
    };
  }

  #countOverridden(query: AnyQuery): number {
    let count = 0;
    for (const id of this.#overriddenIds) {
      const entity = this.#base.get(id);
      if (entity !== undefined && this.#base.matches(entity, query)) count++;
    }
    return count;
  }
}

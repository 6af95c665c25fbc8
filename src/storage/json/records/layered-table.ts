import { type AnyQuery, RecordTable, type TableEntry } from './record-table.ts';
import { type Found, filtered, merged } from './result-set.ts';

/**
 * A table with some entities of its own over those of another: what a transaction changed over what is committed, or
 * what was before over what is.
 */
export class LayeredTable<E> {
  readonly #base: RecordTable<E>;
  readonly #own: RecordTable<E>;
  readonly #id: (entity: E) => string;
  readonly #covered = new Set<string>();

  constructor(base: RecordTable<E>, entry: TableEntry<E>) {
    this.#base = base;
    this.#own = new RecordTable(entry);
    this.#id = entry.id;
  }

  /** The ids that this layer decides about. */
  get covered(): ReadonlySet<string> {
    return this.#covered;
  }

  get(id: string): E | undefined {
    return this.#covered.has(id) ? this.#own.get(id) : this.#base.get(id);
  }

  /** Puts the entity in place of the one with its id. */
  put(entity: E): void {
    this.#own.put(entity);
    this.#covered.add(this.#id(entity));
  }

  /** Takes out the entity with this id. */
  delete(id: string): void {
    this.#own.delete(id);
    this.#covered.add(id);
  }

  /** As RecordTable.find. */
  find(query: AnyQuery): Found<E> {
    const base = this.#base.find(query);
    if (this.#covered.size === 0) return base;
    const own = this.#own.find(query);
    const { order, descending } = base;
    const compare = (a: E, b: E) => (descending ? order.compare(b, a) : order.compare(a, b));
    const isUncovered = (entity: E) => !this.#covered.has(this.#id(entity));
    return {
      order,
      descending,
      walk: (after) => merged([filtered(base.walk(after), isUncovered), own.walk(after)], compare),
      // Not told unasked, as it costs a look at everything covered.
      total:
        query.count && base.total !== undefined && own.total !== undefined
          ? base.total - this.#coveredOf(query) + own.total
          : undefined,
    };
  }

  #coveredOf(query: AnyQuery): number {
    let count = 0;
    for (const id of this.#covered) {
      const entity = this.#base.get(id);
      if (entity !== undefined && this.#base.matches(entity, query)) count++;
    }
    return count;
  }
}

import type { PageKey } from '../../../domain/values/page.ts';

/** One way to order entities: by a key, then by id, strings by code unit. */
export class SortOrder<E> {
  readonly #key: (entity: E) => string | number;
  readonly #id: (entity: E) => string;

  constructor(key: (entity: E) => string | number, id: (entity: E) => string) {
    this.#key = key;
    this.#id = id;
  }

  /** Where the entity stands. */
  pageKeyOf(entity: E): PageKey {
    return { key: this.#key(entity), id: this.#id(entity) };
  }

  /** These entities in order. */
  sort(entities: Iterable<E>): E[] {
    const placed = Array.from(entities, (entity) => ({ ...this.pageKeyOf(entity), entity }));
    placed.sort((a, b) => compareKeys(a.key, a.id, b.key, b.id));
    return placed.map(({ entity }) => entity);
  }

  /** Negative when `a` comes before `b`, 0 when they stand in one place. */
  compare(a: E, b: E): number {
    return compareKeys(this.#key(a), this.#id(a), this.#key(b), this.#id(b));
  }

  /** Negative when the entity comes before the place. */
  compareToKey(entity: E, place: PageKey): number {
    return compareKeys(this.#key(entity), this.#id(entity), place.key, place.id);
  }
}

function compareKeys(aKey: string | number, aId: string, bKey: string | number, bId: string): number {
  if (aKey !== bKey) return aKey < bKey ? -1 : 1;
  if (aId === bId) return 0;
  return aId < bId ? -1 : 1;
}

import type { PageKey } from '../../../domain/values/page.ts';

/** One way to order entities: by a key, then by id, strings by code unit. */
export class Order<E> {
  readonly #key: (entity: E) => string | number;
  readonly #id: (entity: E) => string;

  constructor(key: (entity: E) => string | number, id: (entity: E) => string) {
    this.#key = key;
    this.#id = id;
  }

  /** Where the entity stands. */
  placeOf(entity: E): PageKey {
    return { key: this.#key(entity), id: this.#id(entity) };
  }

  /** These entities in order. */
  sorted(entities: Iterable<E>): E[] {
    const placed = Array.from(entities, (entity) => ({ ...this.placeOf(entity), entity }));
    placed.sort((a, b) => compareParts(a.key, a.id, b.key, b.id));
    return placed.map(({ entity }) => entity);
  }

  /** Negative when `a` comes before `b`, 0 when they stand in one place. */
  compare(a: E, b: E): number {
    return compareParts(this.#key(a), this.#id(a), this.#key(b), this.#id(b));
  }

  /** Negative when the entity comes before the place. */
  compareTo(entity: E, place: PageKey): number {
    return compareParts(this.#key(entity), this.#id(entity), place.key, place.id);
  }
}

function compareParts(aKey: string | number, aId: string, bKey: string | number, bId: string): number {
  if (aKey !== bKey) return aKey < bKey ? -1 : 1;
  if (aId === bId) return 0;
  return aId < bId ? -1 : 1;
}

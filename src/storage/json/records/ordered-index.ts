import type { FilterValue } from '../../../application/store/collections.ts';
import { OrderedList } from './ordered-list.ts';
import type { SortOrder } from './sort-order.ts';

/** What an entity is found by in one filter. */
export type Filter<E> = (entity: E) => FilterValue | readonly FilterValue[];

/** The entities of one combination of filter values, in the first order and in every other that was asked for. */
class Bucket<E> {
  readonly #order: SortOrder<E>;
  readonly #first: OrderedList<E>;
  #others: Map<SortOrder<E>, OrderedList<E>> | undefined;

  constructor(order: SortOrder<E>, sorted: readonly E[]) {
    this.#order = order;
    this.#first = new OrderedList(order, sorted);
  }

  get lists(): readonly OrderedList<E>[] {
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others.values()];
  }

  get size(): number {
    return this.#first.size;
  }

  listIn(order: SortOrder<E>): OrderedList<E> {
    if (order === this.#order) return this.#first;
    this.#others ??= new Map();
    let list = this.#others.get(order);
    if (list === undefined) {
      list = new OrderedList(order, order.sort(this.#first.walk()));
      this.#others.set(order, list);
    }
    return list;
  }
}

/** Entities by the values of some filters together: a bucket for each combination that occurs. */
export class OrderedIndex<E> {
  readonly #filters: readonly Filter<E>[];
  readonly #order: SortOrder<E>;
  readonly #buckets = new Map<string, Bucket<E>>();
  /** Whether an entity was ever in several buckets, so that their sizes may not be added up. */
  hasOverlaps = false;

  /** `sorted` are the entities it begins with, in `order`. */
  constructor(filters: readonly Filter<E>[], order: SortOrder<E>, sorted: Iterable<E>) {
    this.#filters = filters;
    this.#order = order;
    const gathered = new Map<string, E[]>();
    for (const entity of sorted) {
      for (const key of this.#bucketKeys(entity)) {
        const entities = gathered.get(key);
        if (entities === undefined) gathered.set(key, [entity]);
        else entities.push(entity);
      }
    }
    for (const [key, entities] of gathered) this.#buckets.set(key, new Bucket(order, entities));
  }

  add(entity: E): void {
    for (const key of this.#bucketKeys(entity)) this.#addTo(key, entity);
  }

  remove(entity: E): void {
    for (const key of this.#bucketKeys(entity)) this.#removeFrom(key, entity);
  }

  /** Puts `after` in place of `before`, which is in it. */
  replace(before: E, after: E): void {
    const left = new Set(this.#bucketKeys(before));
    for (const key of this.#bucketKeys(after)) {
      if (!left.delete(key)) this.#addTo(key, after);
      else for (const list of this.#buckets.get(key)?.lists ?? []) list.replace(before, after);
    }
    for (const key of left) this.#removeFrom(key, before);
  }

  /** How many entities these combinations of values have, those in several buckets counted in each. */
  countOf(combinations: readonly (readonly FilterValue[])[]): number {
    let size = 0;
    for (const values of combinations) size += this.#buckets.get(bucketKey(values))?.size ?? 0;
    return size;
  }

  /** The lists of these combinations of values in one order, those that are empty left out. */
  listsOf(combinations: readonly (readonly FilterValue[])[], order: SortOrder<E>): OrderedList<E>[] {
    return combinations.flatMap((values) => this.#buckets.get(bucketKey(values))?.listIn(order) ?? []);
  }

  #addTo(key: string, entity: E): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, new Bucket(this.#order, [entity]));
    else for (const list of bucket.lists) list.add(entity);
  }

  #removeFrom(key: string, entity: E): void {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return;
    for (const list of bucket.lists) list.remove(entity);
    if (bucket.size === 0) this.#buckets.delete(key);
  }

  #bucketKeys(entity: E): readonly string[] {
    const values = this.#filters.map((filter) => [...new Set([filter(entity)].flat())]);
    const keys = cartesianProduct(values).map(bucketKey);
    if (keys.length > 1) this.hasOverlaps = true;
    return keys;
  }
}

/** Every way to take one value of each list. */
export function cartesianProduct<T>(lists: readonly (readonly T[])[]): T[][] {
  let combinations: T[][] = [[]];
  for (const list of lists) {
    combinations = combinations.flatMap((taken) => list.map((value) => [...taken, value]));
  }
  return combinations;
}

function bucketKey(values: readonly FilterValue[]): string {
  return values.map((value) => (value === null ? '-' : `${value.length}:${value}`)).join('');
}

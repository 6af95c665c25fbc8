import type { Page, PageKey, PageRequest } from '../../../domain/values/page.ts';
import type { SortOrder } from './sort-order.ts';

/** What a query found, not walked yet. */
export interface ResultSet<E> {
  readonly order: SortOrder<E>;
  readonly descending: boolean;
  /** Each entity once, in order, behind the place or from the beginning. Nothing may change meanwhile. */
  walk(after?: PageKey): Iterable<E>;
  /** How many there are, where that is known without a walk. */
  readonly total: number | undefined;
}

/** The page of what was found. */
export function readPage<E>(found: ResultSet<E>, request: PageRequest): Page<E> {
  const items: E[] = [];
  let more = false;
  for (const entity of found.walk(request.after)) {
    more = items.length === request.limit;
    if (more) break;
    items.push(entity);
  }
  const last = items.at(-1);
  const total = found.total ?? (request.count ? countItems(found.walk()) : undefined);
  return {
    items,
    next: more && last !== undefined ? found.order.pageKeyOf(last) : null,
    ...(total === undefined ? {} : { total }),
  };
}

/** Several walks in one order as one; what occurs in more than one of them comes once. */
export function* mergeSorted<E>(
  walks: readonly Iterable<E>[],
  compare: (a: E, b: E) => number,
): Generator<E, void, undefined> {
  let last: E | undefined;
  for (const entity of mergeAll(walks, compare)) {
    if (last !== undefined && compare(last, entity) === 0) continue;
    last = entity;
    yield entity;
  }
}

/** What of a walk passes. */
export function* filterIterable<E>(walk: Iterable<E>, passes: (entity: E) => boolean): Generator<E> {
  for (const entity of walk) if (passes(entity)) yield entity;
}

function mergeAll<E>(walks: readonly Iterable<E>[], compare: (a: E, b: E) => number): Iterable<E> {
  if (walks.length <= 1) return walks[0] ?? [];
  const middle = walks.length >> 1;
  return mergeTwo(mergeAll(walks.slice(0, middle), compare), mergeAll(walks.slice(middle), compare), compare);
}

function* mergeTwo<E>(left: Iterable<E>, right: Iterable<E>, compare: (a: E, b: E) => number): Generator<E> {
  const lefts = left[Symbol.iterator]();
  const rights = right[Symbol.iterator]();
  let a = lefts.next();
  let b = rights.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && compare(a.value, b.value) <= 0)) {
      yield a.value as E;
      a = lefts.next();
    } else {
      yield b.value;
      b = rights.next();
    }
  }
}

function countItems(walk: Iterable<unknown>): number {
  let counted = 0;
  for (const _ of walk) counted++;
  return counted;
}

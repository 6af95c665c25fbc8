import type { PageKey } from '../../../domain/values/page.ts';
import type { SortOrder } from './sort-order.ts';

const maxChunkSize = 1024;

/**
 * Entities in one order, in chunks: finding a place costs the logarithm of the length, changing one a move within one
 * chunk, and a page its own length.
 */
export class OrderedList<E> {
  readonly #order: SortOrder<E>;
  readonly #chunks: E[][] = [];
  #size = 0;

  /** `sorted` are the first entities, in order already. */
  constructor(order: SortOrder<E>, sorted: readonly E[] = []) {
    this.#order = order;
    for (let i = 0; i < sorted.length; i += maxChunkSize / 2) {
      this.#chunks.push(sorted.slice(i, i + maxChunkSize / 2));
    }
    this.#size = sorted.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an entity that is not in it. */
  add(entity: E): void {
    const [at, index] = this.#locate(entity);
    const chunk = this.#chunks[at];
    if (chunk === undefined) this.#chunks.push([entity]);
    else {
      chunk.splice(index, 0, entity);
      if (chunk.length > maxChunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(maxChunkSize / 2));
    }
    this.#size++;
  }

  /** Takes out an entity that is in it. */
  remove(entity: E): void {
    const [at, index] = this.#locate(entity);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
  }

  /** Puts `after` in place of `before`, which is in it. */
  replace(before: E, after: E): void {
    if (this.#order.compare(before, after) !== 0) {
      this.remove(before);
      this.add(after);
      return;
    }
    const [at, index] = this.#locate(before);
    const chunk = this.#chunks[at];
    if (chunk !== undefined) chunk[index] = after;
  }

  /** The entities behind a place, or all of them, forwards or backwards. The list must not change meanwhile. */
  *walk(after?: PageKey, descending = false): Generator<E> {
    const step = descending ? -1 : 1;
    let [at, index] = this.#startOf(after, descending);
    for (let chunk = this.#chunks[at]; chunk !== undefined; chunk = this.#chunks[at]) {
      for (; index >= 0 && index < chunk.length; index += step) yield chunk[index] as E;
      at += step;
      index = descending ? (this.#chunks[at]?.length ?? 0) - 1 : 0;
    }
  }

  #startOf(after: PageKey | undefined, descending: boolean): [number, number] {
    if (after === undefined) {
      const last = this.#chunks.length - 1;
      return descending ? [last, (this.#chunks[last]?.length ?? 0) - 1] : [0, 0];
    }
    // Forwards from the first entity behind the place; backwards from the one before the first that is not before it.
    const [at, index] = this.#find((entity) => {
      const order = this.#order.compareToKey(entity, after);
      return descending ? order < 0 : order <= 0;
    });
    return descending ? [at, index - 1] : [at, index];
  }

  #locate(entity: E): [number, number] {
    return this.#find((other) => this.#order.compare(other, entity) < 0);
  }

  /** The first place whose entity is not before; behind the end of the last chunk when all are. */
  #find(isBefore: (entity: E) => boolean): [number, number] {
    const chunks = this.#chunks;
    const at = Math.min(
      firstIndexWhere(chunks.length, (i) => !isBefore(chunks[i]?.at(-1) as E)),
      Math.max(0, chunks.length - 1),
    );
    const chunk = chunks[at] ?? [];
    return [at, firstIndexWhere(chunk.length, (i) => !isBefore(chunk[i] as E))];
  }
}

/** The first index below `length` that has what all behind it have, `length` when none has. */
function firstIndexWhere(length: number, has: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (has(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

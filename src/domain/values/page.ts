/** Where a page ended: the sort key and id of its last item. */
export interface PageKey {
  readonly key: string | number;
  readonly id: string;
}

/** Which part of an ordered list to read. */
export interface PageRequest {
  /** Maximum number of items, at least 1. */
  readonly limit: number;
  /** Start after this item, which need not exist any more; without it, start at the beginning. */
  readonly after?: PageKey | undefined;
  /** Whether to return the total even when it has to be counted. */
  readonly count?: boolean | undefined;
}

/** A part of an ordered list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page continues; null on the last page. */
  readonly next: PageKey | null;
  /** Number of items in the whole list; undefined when it was not requested and is not known without counting. */
  readonly total?: number | undefined;
}

/** The page with `change` applied to every item, all at once. */
export async function mapPage<A, B>(page: Page<A>, change: (item: A) => B | Promise<B>): Promise<Page<B>> {
  return { ...page, items: await Promise.all(page.items.map(change)) };
}

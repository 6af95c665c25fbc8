/** Where a page ended: the sort key and id of its last item. */
export interface PageKey {
  readonly key: string | number;
  readonly id: string;
}

/** What part of an ordered collection is wanted. */
export interface PageRequest {
  /** At most so many items, at least 1. */
  readonly limit: number;
  /** Continue behind this item; it need not exist any more. */
  readonly after?: PageKey | undefined;
  /** Ask for the total even where it has to be counted. */
  readonly count?: boolean | undefined;
}

/** A part of an ordered collection. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page continues, null when this one is the last. */
  readonly next: PageKey | null;
  /** How many there are in all, where that is known without counting or was asked for. */
  readonly total?: number | undefined;
}

/** A page of other things in the same place: `page` with each item replaced. */
export async function mapPage<A, B>(page: Page<A>, change: (item: A) => B | Promise<B>): Promise<Page<B>> {
  return { ...page, items: await Promise.all(page.items.map(change)) };
}

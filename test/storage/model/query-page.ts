import type { FilterValue } from '../../../src/application/store/collections.ts';
import type { Page, PageKey, PageRequest } from '../../../src/domain/values/page.ts';

/** A Query of any kind. */
interface AnyQuery extends PageRequest {
  readonly where?: object | undefined;
  readonly sort?: string | undefined;
  readonly descending?: boolean | undefined;
}

/** What a list needs to know of the entities in it. */
export interface ListDefinition<E> {
  readonly id: (entity: E) => string;
  readonly filters: Readonly<Record<string, (entity: E) => FilterValue | readonly FilterValue[]>>;
  readonly sorts: Readonly<Record<string, (entity: E) => string | number>>;
}

/** The page of these entities that the query asks for, by filtering and sorting all of them. */
export function queryPage<E>(entities: Iterable<E>, query: AnyQuery, listing: ListDefinition<E>): Page<E> {
  const sortKey = listing.sorts[query.sort ?? 'createdAt'] as ListDefinition<E>['sorts'][string];
  const keyOf = (entity: E): PageKey => ({ key: sortKey(entity), id: listing.id(entity) });
  const order = (a: PageKey, b: PageKey) =>
    query.descending ? comparePageKeys(b, a) : comparePageKeys(a, b);

  const where: Readonly<Record<string, FilterValue | readonly FilterValue[] | undefined>> = {
    ...query.where,
  };
  const wanted = Object.entries(where);
  const matching = [...entities]
    .filter((entity) =>
      wanted.every(([filter, values]) => values === undefined || matches(listing, entity, filter, values)),
    )
    .sort((a, b) => order(keyOf(a), keyOf(b)));

  const { after } = query;
  const behind = after === undefined ? matching : matching.filter((e) => order(keyOf(e), after) > 0);
  const items = behind.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items,
    next: last !== undefined && behind.length > items.length ? keyOf(last) : null,
    ...(query.count ? { total: matching.length } : {}),
  };
}

function matches<E>(
  listing: ListDefinition<E>,
  entity: E,
  filter: string,
  values: FilterValue | readonly FilterValue[],
): boolean {
  const valuesOf = listing.filters[filter] as ListDefinition<E>['filters'][string];
  const own = [valuesOf(entity)].flat();
  return own.some((value) => [values].flat().includes(value));
}

function comparePageKeys(a: PageKey, b: PageKey): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

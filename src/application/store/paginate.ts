import type { EntityOf, Kind } from './collections.ts';
import type { EntityReader, Query } from './store.ts';

/** Every entity that matches, page by page in the order of the query. */
export async function* eachEntity<K extends Kind>(
  source: EntityReader<K>,
  query: Omit<Query<K>, 'limit' | 'after'>,
): AsyncGenerator<EntityOf<K>> {
  for (let after: Query<K>['after']; ; ) {
    const page = await source.list({ ...query, limit: 500, after } as Query<K>);
    yield* page.items;
    if (page.next === null) return;
    after = page.next;
  }
}

/** The same, all at once: for what one use case changes as a whole. */
export async function collectAll<K extends Kind>(
  source: EntityReader<K>,
  where: NonNullable<Query<K>['where']>,
): Promise<EntityOf<K>[]> {
  const found: EntityOf<K>[] = [];
  for await (const entity of eachEntity(source, { where })) found.push(entity);
  return found;
}

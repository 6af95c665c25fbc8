import type { EntityOf, Kind, LogKind } from './collections.ts';
import type { EntityReader, LogItem, LogOwner, LogReaders, Query, Reader } from './store.ts';

/** How many entries of a log are read at once. */
const logBatchSize = 100;

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

/** Whose logs there are: every session, and the deleted ones whose documents are left. */
export async function* eachLogOwner(reader: Reader): AsyncGenerator<LogOwner> {
  const known = new Set<string>();
  for await (const session of eachEntity(reader.sessions, {})) {
    known.add(session.id);
    yield session;
  }
  for await (const { projectId, content } of eachEntity(reader.documents, {})) {
    if (content === undefined || known.has(content.log)) continue;
    known.add(content.log);
    yield { id: content.log, projectId };
  }
}

/** Every entry of a log, in order. */
export async function* eachLogEntry<L extends LogKind>(
  reader: Reader,
  log: L,
  id: string,
): AsyncGenerator<LogItem<L>> {
  const readers: LogReaders = reader;
  for (let after = 0; ; after += logBatchSize) {
    const items = await readers[log].read(id, after, logBatchSize);
    yield* items;
    if (items.length < logBatchSize) return;
  }
}

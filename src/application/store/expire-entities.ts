import { collectionOf } from './collection-of.ts';
import { type Kind, kinds } from './collections.ts';
import type { Repositories, Store } from './store.ts';

const batchSize = 500;

/** Forgets what has outlived the lifetime of its kind at `now`, in epoch milliseconds; returns how many. */
export async function expireEntities(store: Store, now: number): Promise<number> {
  let forgotten = 0;
  for (const kind of kinds) {
    const { lifetime } = collectionOf(kind);
    if (lifetime === undefined) continue;
    for (let count = batchSize; count === batchSize; forgotten += count) {
      count = await expireBatch(store, kind, now - lifetime);
    }
  }
  return forgotten;
}

async function expireBatch<K extends Kind>(store: Store, kind: K, before: number): Promise<number> {
  const { id, sorts } = collectionOf(kind);
  const { value } = await store.transaction('server', async (tx) => {
    const repositories: Repositories = tx;
    const { items } = await repositories[kind].list({ limit: batchSize });
    const old = items.filter((entity) => Number(sorts.createdAt(entity)) <= before);
    for (const entity of old) await repositories[kind].delete(id(entity));
    return old.length;
  });
  return value;
}

import { collections, type Kind, kinds } from './collections.ts';
import type { Store } from './store.ts';

const batchSize = 500;

/** Forgets what has outlived the lifetime of its kind at `now`, in epoch milliseconds; returns how many. */
export async function expireEntities(store: Store, now: number): Promise<number> {
  let forgotten = 0;
  for (const kind of kinds) {
    const { lifetime } = collections[kind];
    if (lifetime === undefined) continue;
    for (let count = batchSize; count === batchSize; forgotten += count) {
      count = await expireBatch(store, kind, now - lifetime);
    }
  }
  return forgotten;
}

async function expireBatch(store: Store, kind: Kind, before: number): Promise<number> {
  // The compiler cannot tie a kind to the entities of that kind.
  const { id, sorts } = collections[kind] as {
    readonly id: (entity: unknown) => string;
    readonly sorts: { readonly createdAt: (entity: unknown) => string | number };
  };
  const { value } = await store.transaction('server', async (tx) => {
    const { items } = await tx[kind].list({ limit: batchSize });
    const old = items.filter((entity) => Number(sorts.createdAt(entity)) <= before);
    for (const entity of old) await tx[kind].delete(id(entity));
    return old.length;
  });
  return value;
}

import { onTestFinished } from 'vitest';
import type { Store } from '../../../src/application/store/store.ts';
import { createMemoryStore, type MemoryStoreOptions } from '../../storage/model/memory-store.ts';
import { createDatabase, createPostgresOpener } from '../postgres/postgres-database.ts';
import { createDeferredStore } from './deferred-store.ts';

/** Whether this run keeps everything in PostgreSQL. */
export const usesPostgres = process.env.TEST_STORE === 'postgres';

const homes = new Map<string, Promise<Readonly<Record<string, string>>>>();

/** The settings that give a server with this home the store of this run: an own database when that is PostgreSQL. */
export function storeSettings(home: string): Promise<Readonly<Record<string, string>>> {
  const known = homes.get(home);
  if (known !== undefined) return known;
  const settings = usesPostgres
    ? createDatabase().then(({ url }) => ({ DATABASE_TYPE: 'postgres', DATABASE_URL: url }))
    : Promise.resolve({});
  homes.set(home, settings);
  return settings;
}

const openPostgresForTest = createPostgresOpener();

/** The store of this run with nothing in it, which sees the clock of the test. */
export function openConfiguredStore(options: MemoryStoreOptions & { readonly now: () => number }): Store {
  if (!usesPostgres) return createMemoryStore(options);
  const { now, retention } = options;
  const store = createDeferredStore(openPostgresForTest(retention === undefined ? {} : { retention }), now);
  try {
    onTestFinished(() => store.close());
  } catch {
    // In a hook around several tests: who stops the server closes its store.
  }
  return store;
}

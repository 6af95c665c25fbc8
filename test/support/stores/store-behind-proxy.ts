import { onTestFinished } from 'vitest';
import {
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/storage/postgres/postgres-store.ts';
import { createDatabase, generousOptions } from '../postgres/postgres-database.ts';
import { startTcpProxy } from '../postgres/tcp-proxy.ts';

/** A store of this test that reaches its database by a way that can be cut. */
export async function openStoreBehindProxy(options: Partial<PostgresStoreOptions> = {}) {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const url = new URL(database.url);
  const proxy = await startTcpProxy(Number(url.port));
  onTestFinished(() => proxy.close());
  url.port = String(proxy.port);
  const store = await openPostgresStore({ ...generousOptions, url: url.href, ...options });
  onTestFinished(() => store.close());
  return { store, proxy, database };
}

import { onTestFinished } from 'vitest';
import type { Store } from '../../../src/application/store/store.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { createDatabase, generousOptions } from './postgres-database.ts';

/** An empty database that is dropped when the test has finished. */
export async function databaseForTest() {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  return database;
}

/** A store on the database at this URL, with generous time limits unless the options say others; the test closes it. */
export async function openForTest(url: string, options = {}): Promise<Store> {
  const store = await openPostgresStore({ ...generousOptions, url, ...options });
  onTestFinished(() => store.close());
  return store;
}

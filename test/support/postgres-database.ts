import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { kinds } from '../../src/application/collections.ts';
import { defined } from '../../src/domain/entity.ts';
import { openPostgresStore, type PostgresStoreOptions } from '../../src/storage/postgres/postgres-store.ts';
import type { OpenStore } from '../storage/contract/opened-store.ts';

/** An empty database of a test. */
export interface TestDatabase {
  readonly url: string;
  /** Runs one statement in it, on a connection of its own. */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Removes it, whoever still uses it. */
  drop(): Promise<void>;
}

/** Time limits that nothing runs into, however busy the machine is. */
export const patient = {
  retention: { events: 50_000, ageMs: 7 * 24 * 60 * 60 * 1000 },
  poolWaitMs: 30_000,
  limits: { statementMs: 30_000, lockMs: 30_000, idleMs: 30_000 },
} satisfies PostgresStoreOptions;

// Quicker by far than another database, or than making its files anew.
const emptySql = `
  ${[...kinds, 'log_entries', 'streams', 'events', 'commits', 'history'].map((table) => `delete from ${table};`).join(' ')}
  insert into history default values`;

/** Creates an empty database on the PostgreSQL of this run, or on another. */
export async function createDatabase({
  server = inject('postgresUrl'),
  encoding = 'UTF8',
}: {
  readonly server?: string;
  readonly encoding?: string;
} = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await run(
    server,
    `create database ${name} template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C'`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (sql, values) => run(url.href, sql, values),
    async drop() {
      await run(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/**
 * Opens stores in databases that are empty and nobody else's, with patience for a busy machine. Belongs at the top of a
 * test file, where it also takes the databases away.
 */
export function openPostgres(more: Partial<PostgresStoreOptions> = {}): OpenStore {
  const free: TestDatabase[] = [];
  afterAll(async () => {
    for (const database of free) await database.drop();
  });
  return async (options) => {
    const database = free.pop() ?? (await createDatabase());
    const open = () => openPostgresStore({ ...patient, ...defined(options), url: database.url, ...more });
    let store = await open();
    return {
      store,
      async reopen() {
        await store.close();
        store = await open();
        return store;
      },
      async close() {
        await store.close();
        await database.query(emptySql);
        free.push(database);
      },
    };
  };
}

async function run<Row extends object>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await (values.length === 0 ? client.query<Row>(sql) : client.query<Row>(sql, [...values]))).rows;
  } finally {
    await client.end();
  }
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { kinds } from '../../../src/application/store/collections.ts';
import { omitUndefined } from '../../../src/domain/values/immutable.ts';
import {
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/storage/postgres/postgres-store.ts';
import type { StoreOpener } from '../../storage/contract/store-under-test.ts';

/** A database of one test. */
export interface TestDatabase {
  readonly url: string;
  /** Runs one statement. */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Drops the database and ends every connection to it. */
  drop(): Promise<void>;
}

/** Options with time limits that no test reaches, however busy the machine is. */
export const generousOptions = {
  retention: { events: 50_000, ageMs: 7 * 24 * 60 * 60 * 1000 },
  poolWaitMs: 30_000,
  limits: { statementMs: 30_000, lockMs: 30_000, idleMs: 30_000 },
} satisfies PostgresStoreOptions;

// Much faster than creating another database.
const emptySql = `
  ${[...kinds, 'log_entries', 'streams', 'events', 'commits', 'history'].map((table) => `delete from ${table};`).join(' ')}
  insert into history default values`;

/** Creates a database with the schema and nothing in it. */
export function createDatabase(): Promise<TestDatabase> {
  return create(inject('postgresUrl'), `template ${inject('postgresTemplate')} strategy file_copy`);
}

/** Creates a database without the schema. */
export function createBareDatabase({
  server = inject('postgresUrl'),
  encoding = 'UTF8',
  name = createDatabaseName(),
}: {
  readonly server?: string;
  readonly encoding?: string;
  readonly name?: string;
} = {}): Promise<TestDatabase> {
  return create(server, `template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C'`, name);
}

function createDatabaseName(): string {
  return `${inject('postgresTemplate') ?? 'test'}_${randomBytes(6).toString('hex')}`;
}

async function create(
  server: string,
  createOptions: string,
  name = createDatabaseName(),
): Promise<TestDatabase> {
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    client.on('error', () => {});
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`create database ${name} ${createOptions}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1, application_name: 'test' });
  pool.on('error', () => {});
  return {
    url: url.href,
    query: async (sql, values = []) =>
      (await (values.length === 0 ? pool.query(sql) : pool.query(sql, [...values]))).rows,
    async drop() {
      await pool.end();
      await run(`drop database if exists ${name} with (force)`);
    },
  };
}

const idleDatabases: TestDatabase[] = [];

/** Opens each store in an empty database of its own, with generous time limits. */
export function createPostgresOpener(more: Partial<PostgresStoreOptions> = {}): StoreOpener {
  return async (options) => {
    const database = idleDatabases.pop() ?? (await createDatabase());
    const open = () =>
      openPostgresStore({ ...generousOptions, ...omitUndefined(options), url: database.url, ...more });
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
        idleDatabases.push(database);
      },
    };
  };
}

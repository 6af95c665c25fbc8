import { expect, it, onTestFinished } from 'vitest';
import { collections, kinds } from '../../../../src/application/store/collections.ts';
import { Database } from '../../../../src/storage/postgres/connection/database.ts';
import { openPostgresStore } from '../../../../src/storage/postgres/postgres-store.ts';
import { filterColumns, sortColumns } from '../../../../src/storage/postgres/schema/entity-tables.ts';
import {
  renewHistory,
  renewHistoryIfSystemChanged,
} from '../../../../src/storage/postgres/schema/history.ts';
import { migrateUp, readMigrationStatus } from '../../../../src/storage/postgres/schema/migrate.ts';
import { migrations } from '../../../../src/storage/postgres/schema/migrations.ts';
import { createBareDatabase, generousOptions } from '../../../support/postgres/postgres-database.ts';
import { openForTest } from '../../../support/postgres/stores-for-test.ts';
import { sampleStream } from '../../contract/store-under-test.ts';

const next = { name: 'another', sql: 'create table another (id int primary key);' };
const broken = { name: 'broken', sql: 'create table half (id int); create table half (id int);' };

it('[PG20] takes every step of the schema once, whichever process comes first', async () => {
  const { database, test } = await databaseForTest();
  const processes = Array.from({ length: 4 }, () => database.use((connection) => migrateUp(connection)));
  const taken = await Promise.all(processes);
  expect(taken.flat()).toStrictEqual(migrations.map((step) => step.name));
  expect(await database.use((connection) => migrateUp(connection))).toStrictEqual([]);
  const rows = await test.query('select version, name from schema_migrations order by version');
  expect(rows).toStrictEqual(migrations.map(({ name }, i) => ({ version: i + 1, name })));
});

it('[PG21] tells which steps a database has taken, and takes those that are left', async () => {
  const { database } = await databaseForTest();
  const steps = [...migrations, next];
  const status = () => database.use((connection) => readMigrationStatus(connection, steps));
  const isApplied = async () => (await status()).map((step) => step.appliedAt instanceof Date);
  expect(await isApplied()).toStrictEqual(steps.map(() => false));
  await database.use((connection) => migrateUp(connection));
  expect(await isApplied()).toStrictEqual([...migrations.map(() => true), false]);
  expect(await database.use((connection) => migrateUp(connection, steps))).toStrictEqual(['another']);
  expect(await isApplied()).toStrictEqual(steps.map(() => true));
});

it('[PG22] takes a step whole or not at all', async () => {
  const { database, test } = await databaseForTest();
  const up = database.use((connection) => migrateUp(connection, [...migrations, broken]));
  await expect(up).rejects.toThrow();
  expect(await test.query(`select to_regclass('half') as half, to_regclass('tasks') as tasks`)).toStrictEqual(
    [{ half: null, tasks: null }],
  );
});

it('[PG23] refuses a database that a newer server made, and one whose steps were others', async () => {
  const { database, test } = await databaseForTest();
  await database.use((connection) => migrateUp(connection, [...migrations, next]));
  const open = () => openPostgresStore({ ...generousOptions, url: test.url });
  await expect(open()).rejects.toThrow(/^The database has schema \d.*run a newer server/);
  await test.query(`delete from schema_migrations where version > ${migrations.length}`);
  await test.query(`update schema_migrations set checksum = 'other' where version = 1`);
  await expect(open()).rejects.toThrow(/^Schema 1/);
});

it('[PG24] has a column for every filter and order of the catalogue, and an index for every declared one', async () => {
  const { database, test } = await databaseForTest();
  await database.use((connection) => migrateUp(connection));
  const columns = await test.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`,
  );
  const indexes = await test.query<{ name: string }>(
    `select tablename || regexp_replace(indexdef, '^.* USING ', ' ') as name from pg_indexes`,
  );
  const wanted = kinds.flatMap((kind) => {
    const filters = filterColumns(kind);
    const sorts = sortColumns(kind);
    const all = [...filters.values(), ...sorts.values()].map((column) => `${kind}.${column.name}`);
    return { kind, filters, sorts, all };
  });
  expect(columns.map((column) => column.name)).toEqual(
    expect.arrayContaining(wanted.flatMap((table) => table.all)),
  );
  const declared = wanted.flatMap(({ kind, filters, sorts }) => {
    const ordered = [...sorts.values()].map((order) => `${kind} btree (${order.name}, id)`);
    const found = collections[kind].indexes.map((index: readonly string[]) => {
      const own = index.flatMap((filter) => filters.get(filter) ?? []);
      const many = own.find((column) => column.type === 'many');
      if (many !== undefined) return `${kind} gin (${many.name})`;
      return `${kind} btree (${own.map((column) => column.name).join(', ')}, order_created_at, id)`;
    });
    return [...ordered, ...found];
  });
  expect(indexes.map((index) => index.name)).toEqual(expect.arrayContaining(declared));
});

it('[PG25] needs no right to make tables once the schema is there', async () => {
  const { database, test } = await databaseForTest();
  await database.use((connection) => migrateUp(connection));
  const role = `role_${new URL(test.url).pathname.slice(1)}`;
  await test.query(`create role ${role} login password 'least'`);
  await test.query(`grant select, insert, update, delete on all tables in schema public to ${role}`);
  const url = new URL(test.url);
  url.username = role;
  url.password = 'least';
  const store = await openPostgresStore({ ...generousOptions, url: url.href });
  await store.transaction('tester', (tx) => tx.lock(sampleStream));
  await store.close();
  await test.query(`drop owned by ${role}`);
  await test.query(`drop role ${role}`);
});

it('[PG26] gives every stream another epoch when the history is renewed or the cluster is another one', async () => {
  const { database, test } = await databaseForTest();
  const store = await openForTest(test.url);
  const epoch = async () => (await store.read((reader) => reader.events.head(sampleStream))).epoch;
  const first = await epoch();
  await database.use(renewHistoryIfSystemChanged);
  expect(await epoch()).toBe(first);
  await database.use(renewHistory);
  const second = await epoch();
  expect(second).not.toBe(first);
  await test.query(`update history set system = 'another/1'`);
  await database.use(renewHistoryIfSystemChanged);
  expect(await epoch()).not.toBe(second);
});

it('[PG27] refuses a database that cannot hold every text', async () => {
  const { test } = await databaseForTest('SQL_ASCII');
  await expect(openPostgresStore({ ...generousOptions, url: test.url })).rejects.toThrow(/UTF8/);
});

async function databaseForTest(encoding = 'UTF8') {
  const test = await createBareDatabase({ encoding });
  onTestFinished(() => test.drop());
  const database = new Database({ ...generousOptions, url: test.url });
  onTestFinished(() => database.end());
  return { database, test };
}

it('[PG28] says why a database cannot be used', async () => {
  const { test } = await databaseForTest();
  const url = new URL(test.url);
  url.pathname = '/no_such_database';
  const open = openPostgresStore({ ...generousOptions, url: url.href });
  await expect(open).rejects.toThrow(/^The database cannot be used: .*"no_such_database"/);
});

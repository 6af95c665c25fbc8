import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import {
  type BatchStatement,
  sendBatch,
} from '../../../../src/storage/postgres/connection/statement-batch.ts';
import { createDatabase } from '../../../support/postgres/postgres-database.ts';

const kept = (sql: string, ...values: unknown[]): BatchStatement => ({ sql, values, isPrepared: true });
const twice = (n: unknown) => kept('select $1::int * 2 as n', n);
const half = (n: unknown) => kept('select 1 / $1::int as n', n);

async function open(): Promise<pg.Client> {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const client = new pg.Client(database.url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

it('[PG50] runs statements in their order, in one transaction, and gives the result of each', async () => {
  const client = await open();
  const results = await sendBatch(client, [
    kept('create temporary table notes (text text, numbers int[], raw bytea)'),
    kept('insert into notes values ($1, $2, $3)', 'ä\n', [1, 2], Buffer.from([0, 255])),
    { sql: 'select * from notes', values: [], isPrepared: false },
    twice(21),
    kept('select 1 where $1', false),
  ]);
  expect(results.map(({ command, rows }) => [command, rows])).toStrictEqual([
    ['CREATE', []],
    ['INSERT', []],
    ['SELECT', [{ text: 'ä\n', numbers: [1, 2], raw: Buffer.from([0, 255]) }]],
    ['SELECT', [{ n: 42 }]],
    ['SELECT', []],
  ]);
});

it('[PG50] uses a connection on behind a fault, whether a statement was kept before it or not', async () => {
  const client = await open();
  const insert = kept('insert into commits (connection, n) values (gen_random_uuid(), 1)');
  await expect(sendBatch(client, [insert, twice(1), half(0), kept('select 7 as n')])).rejects.toThrow('zero');
  for (let i = 1; i < 3; i++) {
    const results = await sendBatch(client, [twice(i), half(1), kept('select 7 as n')]);
    expect(results.map(({ rows }) => rows)).toStrictEqual([[{ n: 2 * i }], [{ n: 1 }], [{ n: 7 }]]);
  }
  const [left] = await sendBatch(client, [kept('select from commits')]);
  expect(left?.rows).toHaveLength(0);
});

it('[PG50] fails once over statements that the database has lost, and then not again', async () => {
  const client = await open();
  await sendBatch(client, [twice(1)]);
  await client.query('deallocate all');
  await expect(sendBatch(client, [twice(2)])).rejects.toThrow('does not exist');
  expect((await sendBatch(client, [twice(3)]))[0]?.rows).toStrictEqual([{ n: 6 }]);
});

it('[PG50] sends nothing when a value cannot be written', async () => {
  const client = await open();
  const circle: unknown[] = [];
  circle.push({ circle });
  await expect(sendBatch(client, [twice(1), kept('select $1::json', circle[0])])).rejects.toThrow();
  expect((await sendBatch(client, [twice(2)]))[0]?.rows).toStrictEqual([{ n: 4 }]);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../../src/app.ts';
import { kinds } from '../../../src/application/store/collections.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { openLog } from '../../../src/system/process/log.ts';
import {
  createBareDatabase,
  createDatabase,
  generousOptions,
  type TestDatabase,
} from '../../support/postgres/postgres-database.ts';
import { startPostgres } from '../../support/postgres/postgres-server.ts';
import { startTcpProxy } from '../../support/postgres/tcp-proxy.ts';
import { bearerHeader } from '../../support/programs/program.ts';
import { openTestSocket } from '../../support/servers/test-socket.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const ended = { message: expect.stringMatching(/^The database has another history now/) };

it('[PG31] ends when its database comes back on another cluster, and gives new epochs when it starts anew', async () => {
  const { database, proxy, start } = await behindProxy();
  const before = await start(database.url);
  await before.post('/api/tasks', { projectId: before.project, title: 'One' });
  const position = await before.position();
  const restored = await restoredCopy(database);
  await proxy.close();
  await proxy.open(Number(new URL(restored.url).port));
  expect(await before.app.failure).toMatchObject(ended);
  expect((await before.get('/ready')).status).toBe(503);
  await before.app.stop();
  const after = await start(restored.url, before.project);
  expect((await after.position()).split(':')[1]).toBe(position.split(':')[1]);
  const behind = await after.get(`/api/projects/${before.project}/events?since=${position}`);
  expect(behind.status).toBe(410);
});

it('[PG32] stops when its database comes back with less than clients were told, and gives new epochs', async () => {
  const { database, proxy, start } = await behindProxy();
  const before = await start(database.url);
  const early = await before.position();
  const socket = await openTestSocket(before.app.url.replace('http', 'ws'), { token: before.token });
  onTestFinished(() => socket.terminate());
  await socket.request({ type: 'subscribe', channel: `project:${before.project}` });
  await before.post('/api/tasks', { projectId: before.project, title: 'Lost' });
  await before.post('/api/tasks', { projectId: before.project, title: 'Told' });
  await socket.waitForFrame((frame) => frame.data?.title === 'Told');
  await proxy.close();
  await database.query(
    `update streams set seq = ${early.split(':')[1]} where stream = 'project:${before.project}'`,
  );
  await proxy.open();
  expect(await before.app.failure).toMatchObject(ended);
  await before.app.stop();
  const after = await start(database.url, before.project);
  expect((await after.position()).split(':')[0]).not.toBe(early.split(':')[0]);
});

/** The database of a test, and servers that reach it by a way that can lead elsewhere. */
async function behindProxy() {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const proxy = await startTcpProxy(Number(new URL(database.url).port));
  onTestFinished(() => proxy.close());
  const folder = await createTempFolder();
  const { log } = openLog({ level: 'error', format: 'json', target: join(folder, 'log') });
  const start = async (databaseUrl: string, known?: string) => {
    const url = new URL(databaseUrl);
    url.port = String(proxy.port);
    const settings = {
      DATABASE_TYPE: 'postgres',
      DATABASE_URL: url.href,
      AUTH_SECRET: 'one secret for all of the servers',
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
    };
    const app = await startApp(readConfig(settings, folder, folder), log);
    onTestFinished(() => app.stop());
    const token = (await readFile(join(folder, 'data', 'auth', 'admin-token'), 'utf8')).trim();
    const headers = { ...bearerHeader(token), 'Content-Type': 'application/json' };
    const get = (path: string) => fetch(app.url + path, { headers });
    const post = async (path: string, body: object) => {
      const answer = await fetch(app.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBe(201);
      return (await answer.json()) as { readonly id: string };
    };
    const project = known ?? (await post('/api/projects', { name: 'Kept' })).id;
    const events = async (query: string) => {
      const answer = await get(`/api/projects/${project}/events${query}`);
      expect(answer.status).toBe(200);
      return (await answer.json()) as { readonly position: string };
    };
    return { app, token, get, post, project, position: async () => (await events('')).position };
  };
  return { database, proxy, start };
}

/** A copy of the database on another cluster, row by row. */
async function restoredCopy(database: TestDatabase): Promise<TestDatabase> {
  const cluster = await startPostgres();
  onTestFinished(() => cluster.stop());
  const url = new URL(database.url);
  const name = url.pathname.slice(1);
  url.port = new URL(cluster.url).port;
  url.pathname = '/postgres';
  const copy = await createBareDatabase({ server: url.href, name });
  await (await openPostgresStore({ ...generousOptions, url: copy.url })).close();
  for (const table of [...kinds, 'log_entries', 'streams', 'events', 'commits', 'history']) {
    const [rows] = await database.query<{ all: unknown }>(`select json_agg(t)::text as all from ${table} t`);
    await copy.query(`delete from ${table}`);
    await copy.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
      rows?.all ?? '[]',
    ]);
  }
  return copy;
}

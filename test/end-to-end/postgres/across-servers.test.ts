import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openLog } from '../../../src/system/process/log.ts';
import { createDatabase } from '../../support/postgres/postgres-database.ts';
import { startTcpProxy } from '../../support/postgres/tcp-proxy.ts';
import { bearerHeader } from '../../support/programs/program.ts';
import { openTestSocket } from '../../support/servers/test-socket.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

it('[PG44] refuses a token at every server as soon as one revoked it, and closes its sockets', async () => {
  const { here, there, token, post, request } = await openTwo();
  const { id, token: own } = await post(here, '/api/tokens', {
    role: 'viewer',
    projects: ['*'],
    lifetime: 3600,
  });
  const socket = await openTestSocket(there.replace('http', 'ws'), { token: own });
  await socket.request({ type: 'subscribe', channel: 'workspace' });
  expect((await request(there, '/api/whoami', own)).status).toBe(200);
  const revoked = await fetch(`${here}/api/tokens/${id}`, {
    method: 'DELETE',
    headers: bearerHeader(token),
  });
  expect(revoked.status).toBeLessThan(300);
  expect((await request(there, '/api/whoami', own)).status).toBe(401);
  expect((await socket.closed).code).toBe(4201);
});

it('[PG47] hears of lost rights and of a revocation also when it never gets to listen', async () => {
  const { here, there, token, proxy, post, request } = await openTwo();
  const { id: projectId } = await post(here, '/api/projects', { name: 'One' });
  const { id: task } = await post(here, '/api/tasks', { projectId, title: 'Its task' });
  const { id: session } = await post(here, '/api/sessions', { projectId, taskIds: [task] });
  const bound = { role: 'agent', projects: [projectId], sessionId: session, lifetime: 3600 };
  const { id, token: own } = await post(here, '/api/tokens', bound);
  const socket = await openTestSocket(there.replace('http', 'ws'), { token: own });
  await socket.request({ type: 'subscribe', channel: `task:${task}` });
  const deaf = new Promise<void>((resolve) => {
    proxy.onRequest = (chunk) => {
      if (!chunk.includes('listen maestro')) return 'pass';
      resolve();
      return 'cut before';
    };
  });
  proxy.disconnectAll();
  await deaf;
  const remove = (path: string) => fetch(here + path, { method: 'DELETE', headers: bearerHeader(token) });
  expect((await remove(`/api/sessions/${session}/tasks/${task}`)).status).toBeLessThan(300);
  expect(await socket.waitForFrame(({ type }) => type === 'unsubscribed')).toMatchObject({
    channel: `task:${task}`,
    reason: 'NOT_FOUND',
  });
  expect((await remove(`/api/tokens/${id}`)).status).toBeLessThan(300);
  expect((await request(there, '/api/whoami', own)).status).toBe(401);
  expect((await socket.closed).code).toBe(4201);
});

it('[RT8] takes a ticket that another server made, once', async () => {
  const { here, there, post } = await openTwo();
  const { ticket } = await post(here, '/api/ws/tickets', {});
  const open = (url: string) => openTestSocket(url.replace('http', 'ws'), { path: `/ws?ticket=${ticket}` });
  const socket = await open(there);
  await socket.waitForFrame((frame) => frame.type === 'welcome');
  for (const url of [here, there]) await expect(open(url)).rejects.toMatchObject({ status: 401 });
  socket.terminate();
});

it('[MF2] takes the manifest of a session away that another server deletes', async () => {
  const { here, there, token, post } = await openTwo();
  const { id: projectId } = await post(here, '/api/projects', { name: 'One' });
  const { id: task } = await post(here, '/api/tasks', { projectId, title: 'Its task' });
  const spawned = await post(here, '/api/sessions/spawn', { projectId, taskIds: [task] });
  expect(existsSync(spawned.manifestPath)).toBe(true);
  const deleted = await fetch(`${there}/api/sessions/${spawned.sessionId}`, {
    method: 'DELETE',
    headers: bearerHeader(token),
  });
  expect(deleted.status).toBe(200);
  await expect.poll(() => existsSync(spawned.manifestPath)).toBe(false);
});

it('[PG45] is not ready while the database is away, and its sockets stay and go on where they were', async () => {
  const { here, there, token, proxy, post, request } = await openTwo();
  const { id } = await post(here, '/api/projects', { name: 'One' });
  const socket = await openTestSocket(there.replace('http', 'ws'), { token });
  await socket.request({ type: 'subscribe', channel: `project:${id}` });
  await proxy.close();
  const refused = await request(there, '/api/projects', token);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await expect.poll(async () => (await fetch(`${there}/ready`)).status).toBe(503);
  const titles = ['While it was away', 'And again', 'And once it is back'];
  for (const title of titles.slice(0, 2)) await post(here, '/api/tasks', { projectId: id, title });
  await proxy.open();
  await expect.poll(async () => (await fetch(`${there}/ready`)).status).toBe(200);
  await post(there, '/api/tasks', { projectId: id, title: titles[2] });
  await socket.waitForFrame((frame) => frame.data?.title === titles[2]);
  expect(socket.events().map(({ data }) => data.title)).toEqual(titles);
  const seqs = socket.events().map(({ position }) => Number(position.split(':')[1]));
  expect(seqs).toEqual([seqs[0], (seqs[0] ?? 0) + 1, (seqs[0] ?? 0) + 2]);
  socket.terminate();
});

/** Two servers on one database: one reaches it straight, the other by a way that can be cut. */
async function openTwo() {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const proxy = await startTcpProxy(Number(new URL(database.url).port));
  onTestFinished(() => proxy.close());
  const cut = new URL(database.url);
  cut.port = String(proxy.port);
  const folder = await createTempFolder();
  const { log } = openLog({ level: 'error', format: 'json', target: join(folder, 'log') });
  const start = async (name: string, url: string) => {
    const settings = {
      DATABASE_TYPE: 'postgres',
      DATABASE_URL: url,
      AUTH_SECRET: 'one secret for all of the servers',
      DATA_DIR: join(folder, name),
      SESSION_DIR: join(folder, name, 'sessions'),
      PORT: '0',
    };
    const app = await startApp(readConfig(settings, folder, folder), log);
    onTestFinished(() => app.stop());
    return app.url;
  };
  const here = await start('here', database.url);
  const there = await start('there', cut.href);
  const token = (await readFile(join(folder, 'here', 'auth', 'admin-token'), 'utf8')).trim();
  const headers = { ...bearerHeader(token), 'Content-Type': 'application/json' };
  return {
    here,
    there,
    token,
    proxy,
    post: async (url: string, path: string, body: object) => {
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      expect(answer.status).toBeLessThan(300);
      return (await answer.json()) as {
        readonly id: string;
        readonly token: string;
        readonly ticket: string;
        readonly sessionId: string;
        readonly manifestPath: string;
      };
    },
    request: (url: string, path: string, by: string) => fetch(url + path, { headers: bearerHeader(by) }),
  };
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { openLog } from '../../../src/system/process/log.ts';
import { createServerHome } from '../../support/servers/built-server.ts';
import type { HttpReply } from '../../support/servers/start-http.ts';

let home: Awaited<ReturnType<typeof createServerHome>>;
let app: App;
let admin: string;
let projectId: string;

beforeAll(async () => {
  home = await createServerHome();
  const { log } = openLog({ level: 'warn', format: 'json', target: join(home.path, 'log') });
  app = await startApp(readConfig({ DATA_DIR: 'data', PORT: '0' }, home.path, home.path), log);
  admin = (await readFile(join(home.path, 'data/auth/admin-token'), 'utf8')).trim();
  projectId = (await post('/api/projects', { name: 'Observatory' })).body.id;
});

afterAll(async () => {
  await app.stop();
  await home.remove();
});

async function send(
  method: string,
  path: string,
  token: string,
  body?: unknown,
  headers = {},
): Promise<HttpReply> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const authorization = { Authorization: `Bearer ${token}` };
  const response = await fetch(app.url + path, {
    method,
    headers: { ...authorization, ...json, ...headers },
    ...sent,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const post = (path: string, body: unknown, headers = {}) => send('POST', path, admin, body, headers);
const whoami = (token: string) => send('GET', '/api/whoami', token);

describe('[AU4] POST /api/tokens', () => {
  it('answers with the token once, and the list never has it', async () => {
    const { status, headers, body } = await post('/api/tokens', { role: 'member', projects: [projectId] });
    const { token, ...record } = body;
    expect([status, headers.get('location')]).toEqual([201, `/api/tokens/${record.id}`]);
    expect(record.expiresAt - record.createdAt).toBeGreaterThan(30 * 86_400_000 - 1000);
    const list = await send('GET', '/api/tokens?sort=-createdAt', admin);
    expect(list.body.data).toContainEqual(record);
    expect(JSON.stringify(list.body)).not.toContain(token.split('.')[2]);
    expect((await whoami(token)).body).toMatchObject({ role: 'member', projects: [projectId] });
  });

  it.each([
    [{ role: 'root' }, 'role'],
    [{ role: 'viewer', projects: ['*'], lifetime: '366d' }, 'lifetime'],
    [{ role: 'viewer', projects: ['*'], lifetime: 'soon' }, 'lifetime'],
    [{ role: 'viewer', projects: ['*'], subject: 'server' }, 'subject'],
    [{ role: 'viewer', projects: ['*'], subject: 'a\nb' }, 'subject'],
    [{ role: 'viewer', projects: ['../x'] }, 'projects'],
    [{ role: 'viewer', projects: ['*'], token: 'mine' }, 'token'],
  ])('refuses %j', async (request, path) => {
    const { status, body } = await post('/api/tokens', request);
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(JSON.stringify(body)).toContain(path);
  });

  it('answers a retry with one Idempotency-Key with the same token', async () => {
    const retry = () => post('/api/tokens', { role: 'admin' }, { 'Idempotency-Key': 'once' });
    const [first, second] = [await retry(), await retry()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });
});

describe('[AU5] DELETE /api/tokens/:id', () => {
  it('refuses the token from the next request on, and no other', async () => {
    const { body } = await post('/api/tokens', { role: 'viewer', projects: ['*'], lifetime: 60 });
    expect((await whoami(body.token)).status).toBe(200);
    const path = `/api/tokens/${body.id}`;
    expect((await send('DELETE', path, admin)).body).toEqual({ success: true, id: body.id });
    const refused = await whoami(body.token);
    expect([refused.status, refused.body.code]).toEqual([401, 'UNAUTHORIZED']);
    expect((await whoami(admin)).status).toBe(200);
  });
});

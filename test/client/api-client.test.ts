import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ApiClient, ApiError, createApiClient } from '../../src/client/api-client.ts';
import { type HttpHarness, startHttp } from '../support/servers/start-http.ts';
import { createCall } from '../support/services/service-harness.ts';

/** The error that a request ends with. */
async function errorOf(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => 'an answer',
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`Not an ApiError: ${error}`);
}

/** A server that answers everything in its own way, and its URL. */
async function serveAnything(answer: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the client of the API', () => {
  let http: HttpHarness;
  let client: ApiClient;
  let projectId: string;
  beforeAll(async () => {
    http = await startHttp();
    const token = await http.createToken({ role: 'admin', projects: ['*'] });
    client = createApiClient({ url: `${http.url}/`, token: async () => token });
    projectId = (await http.services.projects.create(createCall(), { name: 'Tidepool' })).id;
  });
  afterAll(() => http.stop());

  const createTask = (body: { title: string; labels?: readonly string[] }) =>
    client.request('POST /api/tasks', { body: { projectId, ...body } });

  it('[CL9] an error has what the server reports: code, status, details, request id', async () => {
    const error = await errorOf(client.request('POST /api/tasks', { body: { projectId, title: '' } }));
    expect(error).toMatchObject({
      name: 'ApiError',
      code: 'VALIDATION_ERROR',
      status: 400,
      details: { issues: [{ path: 'title' }] },
      retryAfter: undefined,
    });
    expect(error.requestId).toMatch(/^[\w-]{8,}$/);
    const missing = await errorOf(client.request('GET /api/tasks/:id', { params: { id: 'task_none' } }));
    expect(missing).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });

  it('[CL9] retryAfter counts seconds, as the server or a proxy in front of it says', async () => {
    const session = await client.request('POST /api/sessions', {
      body: { projectId, taskIds: [(await createTask({ title: 'One' })).id], strategy: 'queue' },
    });
    const params = { id: session.id };
    await client.request('POST /api/sessions/:id/queue/start', { params });
    const busy = await errorOf(client.request('POST /api/sessions/:id/queue/start', { params }));
    expect(busy).toMatchObject({ code: 'QUEUE_BUSY', retryAfter: 5 });
    const url = await serveAnything((_, res) => {
      res.writeHead(503, { 'Retry-After': new Date(Date.now() - 1000).toUTCString() }).end('Away');
    });
    const away = await errorOf(createApiClient({ url }).request('GET /api/tasks'));
    expect(away).toMatchObject({ code: 'UNEXPECTED_ANSWER', status: 503, retryAfter: 0 });
  });

  it('[CL9] where nothing, or no server of this kind, answers the error says so', async () => {
    const nobody = createApiClient({ url: 'http://127.0.0.1:1' });
    expect(await errorOf(nobody.request('GET /health'))).toMatchObject({
      code: 'UNREACHABLE',
      status: undefined,
      message: 'No server answers at http://127.0.0.1:1.',
    });
    const answers = [
      (res: ServerResponse) => res.writeHead(200, { 'Content-Type': 'application/json' }).end('[]'),
      (res: ServerResponse) =>
        res.writeHead(200, { 'Content-Type': 'application/json', 'X-Request-Id': 'r' }).end('[{"id":'),
      (res: ServerResponse) => res.writeHead(404, { 'Content-Type': 'application/json' }).end('{}'),
      (res: ServerResponse) => res.writeHead(502).end('<html>'),
    ];
    const url = await serveAnything((_, res) => void answers[0]?.(res));
    for (; answers.length > 0; answers.shift()) {
      const error = await errorOf(createApiClient({ url }).request('GET /api/tasks'));
      expect(error.code).toBe('UNEXPECTED_ANSWER');
    }
  });

  it('[CL9] a connection that breaks within an answer is an error, and a redirect is not followed', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serveAnything((req, res) => {
      asked.push(req.url);
      if (req.url === '/health') res.writeHead(302, { Location: '/elsewhere' }).end();
      else {
        res.writeHead(200, { 'X-Request-Id': 'r', 'Content-Length': '100' });
        res.write('[', () => res.destroy());
      }
    });
    const other = createApiClient({ url, token: 'secret' });
    expect(await errorOf(other.request('GET /api/tasks'))).toMatchObject({ code: 'UNREACHABLE' });
    expect(await errorOf(other.request('GET /health'))).toMatchObject({ code: 'UNREACHABLE' });
    expect(asked).toEqual(['/api/tasks', '/health']);
  });

  it('[CL9] an aborted request ends with the reason of its signal', async () => {
    const session = await client.request('POST /api/sessions', {
      body: { projectId, taskIds: [], strategy: 'queue' },
    });
    const abort = new AbortController();
    const waiting = client.request('POST /api/sessions/:id/queue/start', {
      params: { id: session.id },
      query: { wait: 60 },
      signal: abort.signal,
    });
    const reason = new Error('Enough.');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it('[CL10] a list is read item by item, over as many pages as it takes', async () => {
    const titles = ['List a', 'List b', 'List c', 'List d', 'List e'];
    for (const title of titles) await createTask({ title, labels: ['listed'] });
    const asked: string[] = [];
    const counting = createApiClient({
      url: http.url,
      token: await http.createToken({ role: 'admin', projects: ['*'] }),
      fetch: (url, init) => {
        asked.push(String(url));
        return fetch(url, init);
      },
    });
    const seen: string[] = [];
    const query = { label: ['listed'], sort: 'title', limit: 2, envelope: true } as const;
    for await (const { title } of counting.each('GET /api/tasks', { query })) seen.push(title);
    expect(seen).toEqual(titles);
    expect(asked).toHaveLength(3);
    for await (const { id } of counting.each('GET /api/tasks', { query: { ...query, view: 'compact' } })) {
      expect(id).toMatch(/^task_/);
      break;
    }
    expect(asked).toHaveLength(4);
    for await (const { id } of counting.each('GET /api/projects')) {
      expect(id).toMatch(/^proj_/);
      expect(asked.at(-1)).toContain('/api/projects?limit=200');
    }
  });

  it('[CL10] a page says where it goes on, in an envelope', async () => {
    for (const name of ['Page a', 'Page b']) await client.request('POST /api/projects', { body: { name } });
    const query = { sort: 'name', limit: 1, count: true, envelope: true, fields: ['name'] } as const;
    const page = await client.request('GET /api/projects', { query });
    expect(page).toMatchObject({ data: [{ name: 'Page a' }], hasMore: true, total: 3 });
    const next = await client.request('GET /api/projects', {
      query: { ...query, cursor: page.nextCursor ?? '' },
    });
    expect(next.data.map(({ name }) => name)).toEqual(['Page b']);
    const { headers } = await client.send('GET /api/projects', { query: { limit: 1 } });
    expect(headers.get('x-has-more')).toBe('true');
  });

  it('[CL11] query values mean to the server what they mean to the caller', async () => {
    const label = 'a,b\\c & d=é';
    const labelled = await createTask({ title: 'Odd', labels: [label] });
    await createTask({ title: 'Plain', labels: ['a', 'b'] });
    const idsOf = async (labels: readonly string[]) =>
      (await client.request('GET /api/tasks', { query: { label: labels, parentId: null } })).map(
        ({ id }) => id,
      );
    expect(await idsOf([label])).toEqual([labelled.id]);
    expect(await idsOf([label, 'b'])).toHaveLength(2);
    const none = await client.request('GET /api/tasks', {
      query: { label: [label], parentId: labelled.id, status: undefined },
    });
    expect(none).toEqual([]);
    const { id } = await client.request('POST /api/projects', { body: { name: 'Gone' } });
    const gone = await client.request('DELETE /api/projects/:id', {
      params: { id },
      query: { cascade: true },
    });
    expect(gone).toMatchObject({ success: true });
  });

  it('[CL11] a parameter that a path cannot spell is an error, and nothing is sent', async () => {
    const sent: unknown[] = [];
    const silent = createApiClient({ url: http.url, fetch: async (url) => Promise.reject(sent.push(url)) });
    for (const id of ['', '.', '..', undefined as unknown as string]) {
      const error = await errorOf(silent.request('DELETE /api/tokens/:id', { params: { id } }));
      expect(error).toMatchObject({ code: 'INVALID_PATH_PARAMETER', status: undefined });
    }
    expect(sent).toEqual([]);
    const strange = await errorOf(client.request('GET /api/tasks/:id', { params: { id: '../projects?x' } }));
    expect(strange).toMatchObject({ code: 'VALIDATION_ERROR', status: 400 });
  });

  it('[CL11] an Idempotency-Key makes a change once, and If-Match refuses a late one', async () => {
    const create = () =>
      client.send('POST /api/tasks', {
        body: { projectId, title: 'Once' },
        idempotencyKey: 'client-once',
      });
    const [first, again] = [await create(), await create()];
    expect([first.status, again.answer.id]).toEqual([201, first.answer.id]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const params = { id: first.answer.id };
    const patch = (title: string, ifMatch: number | string) =>
      client.request('PATCH /api/tasks/:id', { params, body: { title }, ifMatch });
    const { version } = await patch('Twice', first.headers.get('etag') ?? '');
    expect(await errorOf(patch('Late', first.answer.version))).toMatchObject({
      code: 'PRECONDITION_FAILED',
      status: 412,
    });
    expect((await patch('Thrice', version)).title).toBe('Thrice');
  });
});

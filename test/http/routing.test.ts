import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../src/api/answer.ts';
import { type Endpoint, endpoint, type Method } from '../../src/api/endpoint.ts';
import { idSchema } from '../../src/domain/values/id.ts';
import { type ServedEndpoints, serveEndpoints } from '../support/servers/serve-endpoints.ts';

const said = json(z.string());

const one = (method: Method, path: '/api/things' | '/api/things/special' | '/open.json') =>
  endpoint({
    method,
    path,
    summary: 'Says its name.',
    permission: path === '/open.json' ? 'public' : 'task:read',
    answer: said,
    handle: () => `${method} ${path}`,
  });

const endpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/things/:id',
    summary: 'Says its id.',
    permission: 'task:read',
    params: { id: idSchema },
    answer: said,
    handle: ({ params }) => `id ${params.id}`,
  }),
  one('GET', '/api/things'),
  one('POST', '/api/things'),
  one('GET', '/api/things/special'),
  one('GET', '/open.json'),
];

describe('routing', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints);
  });
  afterAll(() => served.stop());

  const send = (
    method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options',
    path: string,
    token?: string,
  ) => {
    const sent = request(served.url)[method](path);
    return token === undefined ? sent : sent.set('authorization', `Bearer ${token}`);
  };

  it('[HT33] the more telling of two paths wins, wherever it stands in the catalogue', async () => {
    expect((await send('get', '/api/things/special', 'admin')).body).toBe('GET /api/things/special');
    expect((await send('get', '/api/things/other', 'admin')).body).toBe('id other');
  });

  it('[HT34] an unknown path is 404 in JSON, for everyone', async () => {
    for (const path of [
      '/nothing',
      '/api/thing',
      '/api/things/a/b',
      '/API/things',
      '/openxjson',
      '//api/things',
    ]) {
      const reply = await send('get', path);
      expect(reply, path).toMatchObject({
        status: 404,
        body: { error: true, statusCode: 404, code: 'NOT_FOUND' },
      });
    }
    expect((await send('post', '/nothing')).status).toBe(404);
    expect((await send('get', '/api/things/', 'admin')).status).toBe(200);
  });

  it('[HT35] another method on a path there is, is 405 with Allow', async () => {
    const reply = await send('delete', '/api/things', 'viewer');
    expect(reply).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(reply.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
    expect((await send('post', '/open.json')).headers.allow).toBe('GET, HEAD, OPTIONS');
  });

  it('[HT36] OPTIONS tells what a path takes, to everyone', async () => {
    const reply = await send('options', '/api/things');
    expect(reply).toMatchObject({ status: 204, text: '' });
    expect(reply.headers.allow).toBe('GET, HEAD, POST, OPTIONS');
    expect((await send('options', '/nothing')).status).toBe(404);
  });

  it('[HT37] a client that may not use a path does not learn its methods: 401 comes before 405 and before the check of the input', async () => {
    expect((await send('delete', '/api/things')).status).toBe(401);
    expect((await send('get', '/api/things/a.b')).status).toBe(401);
    expect((await send('get', '/api/things?x=1')).status).toBe(401);
    expect((await send('post', '/api/things').set('content-type', 'text/plain').send('x')).status).toBe(401);
    expect((await send('get', '/api/things/a.b', 'admin')).status).toBe(400);
  });

  it('[HT38] two endpoints with the same method and path prevent the start', async () => {
    await expect(serveEndpoints([one('GET', '/api/things'), one('GET', '/api/things')])).rejects.toThrow(
      'Two endpoints are GET /api/things.',
    );
  });
});

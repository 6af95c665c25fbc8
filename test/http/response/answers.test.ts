import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { created, entity, json, text } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { serviceEndpoints } from '../../../src/api/endpoints/service.ts';
import type { Call } from '../../../src/application/access/call.ts';
import { versionSchema } from '../../../src/domain/values/field-schemas.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import { asyncApi } from '../../../src/realtime/protocol/asyncapi.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const thing = z.object({ id: idSchema, name: z.string(), version: versionSchema });
const params = { id: idSchema };
let seen: Call[] = [];

function saw(call: Call): void {
  seen.push(call);
}

const endpoints = [
  endpoint({
    method: 'GET',
    path: '/things/:id',
    summary: 'Gives a thing.',
    permission: 'task:read',
    params,
    answer: entity(thing),
    handle: ({ call, params }) => {
      saw(call);
      call.outcome.positions.set('project:p1', { epoch: 'k3f9', seq: 812 });
      call.outcome.positions.set('workspace', { epoch: 'a', seq: 0 });
      return { id: params.id, name: 'Thing', version: 7 };
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/things/:id',
    summary: 'Changes a thing.',
    permission: 'task:update',
    params,
    body: z.object({ name: z.string().optional() }),
    answer: entity(thing),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params }) => {
      saw(call);
      return { id: params.id, name: 'Thing', version: 8 };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/things',
    summary: 'Makes a thing.',
    permission: 'task:create',
    body: z.object({ name: z.string() }),
    answer: created(thing, ({ id }) => `/things/${id}`),
    handle: ({ call, body }) => {
      saw(call);
      call.outcome.replayed = call.idempotency !== undefined;
      return { id: 'thing_1', name: body.name, version: 1 };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/json',
    summary: 'Gives a value.',
    permission: 'public',
    answer: json(z.object({ a: z.number(), b: z.string().optional() })),
    handle: () => ({ a: 1, b: undefined }),
  }),
  endpoint({
    method: 'GET',
    path: '/text',
    summary: 'Gives a text.',
    permission: 'public',
    answer: text('text/plain; charset=utf-8'),
    handle: () => 'häuser',
  }),
];

describe('answers', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints);
  });
  afterAll(() => served.stop());
  beforeEach(() => {
    seen = [];
  });

  const send = (
    method: 'get' | 'head' | 'post' | 'patch',
    path: string,
    headers: Record<string, string> = {},
  ) =>
    request(served.url)
      [method](path)
      .set({ authorization: 'Bearer admin', ...headers });

  it('[HT16] the response for an entity has its version as a strong ETag, is complete and must not be cached', async () => {
    const reply = await send('get', '/things/a');
    expect(reply).toMatchObject({ status: 200, body: { id: 'a', name: 'Thing', version: 7 } });
    expect(reply.headers).toMatchObject({
      etag: '"7"',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'private, no-cache',
    });
  });

  it('[HT17] If-None-Match with the version answers 304 without a body, whatever Cache-Control says', async () => {
    for (const tag of ['"7"', 'W/"7"', '"3", "7"', '*']) {
      const reply = await send('get', '/things/a', { 'if-none-match': tag, 'cache-control': 'no-cache' });
      expect(reply, tag).toMatchObject({ status: 304, text: '' });
      expect(reply.headers.etag).toBe('"7"');
    }
    expect((await send('get', '/things/a', { 'if-none-match': '"8"' })).status).toBe(200);
  });

  it('[HT18] the response for a created entity has status 201, its Location and its ETag', async () => {
    const reply = await send('post', '/things').send({ name: 'New' });
    expect(reply).toMatchObject({ status: 201, body: { id: 'thing_1', name: 'New' } });
    expect(reply.headers).toMatchObject({ location: '/things/thing_1', etag: '"1"' });
  });

  it('[HT93] the path of SERVER_URL is in Location, in the reference and in its links', async () => {
    const below = await serveEndpoints([...endpoints, ...serviceEndpoints], {
      settings: { basePath: '/maestro' },
    });
    onTestFinished(() => below.stop());
    const get = (path: string) => request(below.url).get(path);
    const post = request(below.url).post('/things').set('authorization', 'Bearer admin');
    expect((await post.send({ name: 'New' })).headers.location).toBe('/maestro/things/thing_1');
    expect((await get('/openapi.json')).body.servers).toEqual([{ url: '/maestro' }]);
    expect((await get('/docs')).text).toContain('href="/maestro/openapi.json"');
    expect(asyncApi('1.0.0', '/maestro')).toMatchObject({ channels: { socket: { address: '/maestro/ws' } } });
  });

  it('[HT19] other answers are JSON without undefined keys, or a text of their type', async () => {
    expect((await send('get', '/json')).text).toBe('{"a":1}');
    const reply = await send('get', '/text');
    expect(reply.text).toBe('häuser');
    expect(reply.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '7',
    });
  });

  it('[HT20] HEAD answers as GET does, without the body', async () => {
    const [got, head] = [await send('get', '/things/a'), await send('head', '/things/a')];
    expect(head).toMatchObject({ status: 200, text: undefined });
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(head.headers[name]).toBe(got.headers[name]);
  });

  it('[HT21] an answer tells where the streams stood that it was made from', async () => {
    const { headers } = await send('get', '/things/a');
    expect(headers['x-event-position']).toBe('project:p1=k3f9:812, workspace=a:0');
    expect((await send('patch', '/things/a')).headers).not.toHaveProperty('x-event-position');
  });

  it('[HT22] If-Match is the version that the change was made from', async () => {
    await send('patch', '/things/a', { 'if-match': '"7"' });
    await send('patch', '/things/a', { 'if-match': '*' });
    await send('patch', '/things/a');
    await send('patch', '/things/a', { 'if-match': 'W/"7"' });
    expect(seen.map((call) => call.ifMatch)).toEqual([7, undefined, undefined, 7]);
    for (const tag of ['W/"x"', '"x"', '""']) await send('patch', '/things/a', { 'if-match': tag });
    expect(seen.slice(4).map((call) => call.ifMatch)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    for (const tag of ['7', '"7", "8"', '"7']) {
      const reply = await send('patch', '/things/a', { 'if-match': tag });
      expect(reply, tag).toMatchObject({
        status: 400,
        body: { details: { issues: [{ in: 'header', path: 'If-Match' }] } },
      });
    }
  });

  it('[HT23] an Idempotency-Key goes with its route and the print of method, path and body', async () => {
    const key = { 'idempotency-key': 'key-1' };
    const replayed = await send('post', '/things', key).send({ name: 'A' });
    expect(replayed.headers['idempotency-replayed']).toBe('true');
    await send('post', '/things', key).send({ name: 'A' });
    await send('post', '/things', key).send({ name: 'B' });
    await send('patch', '/things/a', key).send({ name: 'A' });
    const once = await send('post', '/things').send({ name: 'A' });
    expect(once.headers).not.toHaveProperty('idempotency-replayed');
    const [a, again, b, other, none] = seen.map((call) => call.idempotency);
    expect(a).toMatchObject({ key: 'key-1', route: 'POST /things' });
    expect(again).toEqual(a);
    expect(b).toMatchObject({ key: 'key-1', route: 'POST /things' });
    expect(b?.fingerprint).not.toBe(a?.fingerprint);
    expect(other?.route).toBe('PATCH /things/:id');
    expect(none).toBeUndefined();
    for (const bad of ['a b', '', 'x'.repeat(256)]) {
      expect(
        (await send('post', '/things', { 'idempotency-key': bad }).send({ name: 'A' })).status,
        bad,
      ).toBe(400);
    }
  });
});

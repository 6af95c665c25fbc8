import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { flag, listOf, orNull, wholeNumber } from '../../../src/api/query-values.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const colour = z.enum(['red', 'green', 'blue']);
const said = json(z.unknown());

const endpoints = [
  endpoint({
    method: 'GET',
    path: '/things/:id/parts/:part',
    summary: 'Says its parameters.',
    permission: 'public',
    params: { id: idSchema, part: z.enum(['top', 'bottom']) },
    answer: said,
    handle: ({ params }) => params,
  }),
  endpoint({
    method: 'GET',
    path: '/query',
    summary: 'Says its query.',
    permission: 'public',
    query: {
      colours: listOf(colour).optional(),
      parentId: orNull(idSchema).optional(),
      deep: flag.optional(),
      wait: wholeNumber(0, 60).optional(),
      word: z.string().optional(),
    },
    answer: said,
    handle: ({ query }) => query,
  }),
  endpoint({
    method: 'GET',
    path: '/bare',
    summary: 'Takes nothing.',
    permission: 'public',
    answer: said,
    handle: () => 'bare',
  }),
  endpoint({
    method: 'POST',
    path: '/body',
    summary: 'Says its body.',
    permission: 'public',
    body: z.object({
      title: z.string().trim().min(1),
      colour: colour.optional(),
      inner: z.strictObject({ taskId: idSchema }).optional(),
      items: z.array(z.strictObject({ taskId: idSchema })).optional(),
    }),
    ignoredKeys: ['createdAt', 'inner.source'],
    answer: said,
    handle: ({ body }) => body,
  }),
  endpoint({
    method: 'POST',
    path: '/nothing',
    summary: 'Takes nothing.',
    permission: 'public',
    answer: said,
    handle: () => 'nothing',
  }),
];

describe('the input of a request', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints);
  });
  afterAll(() => served.stop());

  const get = (path: string) => request(served.url).get(path);
  const post = (path: string, body: object) => request(served.url).post(path).send(body);
  const issuesOf = (reply: { readonly body: { readonly details: { readonly issues: unknown } } }) =>
    reply.body.details.issues;

  it('[HT2] the handler gets each value as its schema makes it', async () => {
    expect((await get('/things/a_1/parts/top')).body).toEqual({ id: 'a_1', part: 'top' });
    const query = await get('/query?colours=red,blue&parentId=null&deep=true&wait=30&word=a%20b+c');
    expect(query.body).toEqual({
      colours: ['red', 'blue'],
      parentId: null,
      deep: true,
      wait: 30,
      word: 'a b c',
    });
    expect((await get('/query?parentId=task_1')).body).toEqual({ parentId: 'task_1' });
    expect((await post('/body', { title: ' x ' })).body).toEqual({ title: 'x' });
  });

  it('[HT3] an invalid path parameter is rejected by name', async () => {
    const reply = await get('/things/a%2Fb/parts/top');
    expect(reply).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    expect(issuesOf(reply)).toMatchObject([{ in: 'params', path: 'id' }]);
    expect((await get('/things/..%2f..%2fetc/parts/top')).status).toBe(400);
    expect((await get('/things/a/parts/tpo')).body.message).toBe(
      'part: must be one of top, bottom; did you mean top?',
    );
  });

  it('[HT4] an unknown query parameter is rejected, and the closest known one is suggested', async () => {
    const near = await get('/query?colors=red');
    expect(near).toMatchObject({
      status: 400,
      body: { message: 'colors: no such query parameter; did you mean colours?' },
    });
    expect((await get('/query?zzz=1')).body.message).toBe(
      'zzz: no such query parameter; known are colours, parentId, deep, wait, word',
    );
    expect((await get('/bare?x=1')).body.message).toBe('x: no such query parameter; none is accepted here');
  });

  it('[HT4] an unknown key of a body is rejected at any depth, and the closest known one is suggested', async () => {
    expect((await post('/body', { titel: 'x', title: 'x' })).body.message).toBe(
      'titel: no such key; did you mean title?',
    );
    const inner = await post('/body', { title: 'x', inner: { taskId: 'a', taskID: 'b' } });
    expect(inner.body.message).toBe('inner.taskID: no such key; did you mean taskId?');
    const item = await post('/body', { title: 'x', items: [{ taskId: 'a' }, { taskid: 'b', taskId: 'b' }] });
    expect(item.body.message).toBe('items.1.taskid: no such key; did you mean taskId?');
    expect((await post('/nothing', { title: 'x' })).status).toBe(400);
  });

  it('[HT5] keys that known clients send though they mean nothing are dropped where the endpoint says so', async () => {
    expect((await post('/body', { title: 'x', createdAt: 5 })).body).toEqual({ title: 'x' });
    expect((await post('/nothing', { createdAt: 5 })).status).toBe(400);
    const inner = { taskId: 'a', source: 'stop' };
    expect((await post('/body', { title: 'x', inner })).body).toEqual({ title: 'x', inner: { taskId: 'a' } });
    expect((await post('/body', { title: 'x', source: 'stop' })).status).toBe(400);
    expect((await post('/body', { title: 'x', inner: { ...inner, createdAt: 5 } })).status).toBe(400);
  });

  it('[HT6] a query parameter that is given twice is rejected', async () => {
    const reply = await get('/query?word=a&word=b');
    expect(reply).toMatchObject({ status: 400, body: { message: 'word: is given more than once' } });
  });

  it('[HT7] a %-escape that is not valid UTF-8 is rejected, in the query and in the path', async () => {
    for (const path of [
      '/query?word=%zz',
      '/query?word=%ff',
      '/query?wo%2=x',
      '/things/%zz/parts/top',
      '/things/%ff/parts/top',
    ]) {
      expect(await get(path), path).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    }
  });

  it('[HT8] all errors are reported at once: where each is, and what would be valid', async () => {
    const reply = await post('/body', { colour: 'gren', items: [{ taskId: 7 }] });
    expect(issuesOf(reply)).toEqual([
      { in: 'body', path: 'title', message: 'is missing' },
      { in: 'body', path: 'colour', message: 'must be one of red, green, blue; did you mean green?' },
      { in: 'body', path: 'items.0.taskId', message: 'must be a string, not a number' },
    ]);
    expect(reply.body.message).toBe('title: is missing (and 2 more)');
    expect((await get('/query?wait=61')).body.message).toBe('wait: must be at most 60');
    expect((await get('/query?wait=soon')).body.message).toBe('wait: must be a whole number');
    expect((await get('/query?deep=yes')).body.message).toBe('deep: must be one of true, false');
    expect((await get('/query?colours=red,,blue')).body.message).toContain('colours: must be one of red');
    expect((await get('/query?parentId=a.b')).body.message).toContain('parentId: an id is');
  });

  it('[HT8] of very many errors the first twenty are reported', async () => {
    const items = Array.from({ length: 500 }, () => ({ taskId: 7 }));
    expect(issuesOf(await post('/body', { title: 'x', items }))).toHaveLength(20);
  });
});

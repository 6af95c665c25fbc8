import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PageInput, page } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { wholeNumber } from '../../../src/api/query-values.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const thing = z.object({ id: idSchema, text: z.string() });
const bound = 450;
const pad = (n: number) => String(n).padStart(4, '0');

/** A page of `size` things from one to the next, whose text has `bytes` characters. */
function pageOf({ after, limit }: PageInput<string>, size: number, bytes: number) {
  const start = after === undefined ? 0 : Number(after.key);
  const end = Math.min(size, start + limit);
  const items = Array.from({ length: end - start }, (_, i) => ({
    id: `t${pad(start + i)}`,
    text: 'ä'.repeat(bytes),
  }));
  return { items, next: end < size ? { key: end, id: `t${pad(end)}` } : null, total: size };
}

describe('[HT102] a whole list', () => {
  let served: ServedEndpoints;
  let pages: PageInput<string>[] = [];
  let failsAt = Infinity;
  const query = { size: wholeNumber(0, 10_000), bytes: wholeNumber(0, 1_000_000).optional() };
  const list = (path: `/${string}`, envelope?: 'always') =>
    endpoint({
      method: 'GET',
      path,
      summary: 'Lists things.',
      permission: 'task:read',
      query,
      answer: page(thing, envelope && { envelope }),
      handle: ({ call, page, query: { size, bytes = 1 } }) => {
        pages.push(page);
        if (pages.length === failsAt) throw new AppError('STORE_FAILED', 'The store has failed.');
        call.outcome.positions.set('workspace', { epoch: 'abc', seq: pages.length });
        return pageOf(page, size, bytes);
      },
    });
  const endpoints = [list('/things'), list('/new', 'always')];
  beforeAll(async () => {
    served = await serveEndpoints(endpoints, { authenticator: 'off', settings: { wholeListLimit: bound } });
  });
  afterAll(() => served.stop());
  const get = (path: string) => {
    pages = [];
    failsAt = Infinity;
    return request(served.url).get(path);
  };

  it('joins its pages, with the headers of one that ends', async () => {
    for (const size of [0, 1, 200, 201, 449, bound]) {
      const { body, headers } = await get(`/things?size=${size}`);
      const ids = body.map(({ id }: { id: string }) => id);
      expect(ids).toEqual(Array.from({ length: size }, (_, i) => `t${pad(i)}`));
      expect(headers).toMatchObject({ 'x-has-more': 'false', 'x-total-count': String(size) });
      expect(headers).not.toHaveProperty('link');
    }
    expect((await get('/things?size=201&fields=id')).body.at(-1)).toEqual({ id: 't0200' });
  });

  it('ends at its bound, and says that there is more and where', async () => {
    const { body, headers } = await get(`/things?size=${bound + 1}`);
    expect(body).toHaveLength(bound);
    expect(headers['x-has-more']).toBe('true');
    const path = `/things${/^<(\?[^>]+)>/.exec(headers.link ?? '')?.[1]}`;
    const rest = await get(path);
    expect([rest.body.map(({ id }: { id: string }) => id), rest.headers['x-has-more']]).toEqual([
      [`t${pad(bound)}`],
      'false',
    ]);
  });

  it('ends earlier with the page that brings it to 64 MiB', async () => {
    const { body, headers } = await get('/things?size=300&bytes=200000');
    expect([body.length, headers['x-has-more']]).toEqual([200, 'true']);
  });

  it('has the position of its first items', async () => {
    expect((await get('/things?size=450')).headers['x-event-position']).toBe('workspace=abc:1');
    expect(pages).toHaveLength(3);
  });

  it('is not what clients get that know pages', async () => {
    const lengths = async (more: string) => (await get(`/things?size=300${more}`)).body.length;
    expect(await lengths('&limit=250')).toBe(250);
    const { body } = await get('/things?size=300&envelope=true');
    expect([body.data.length, body.hasMore]).toEqual([200, true]);
    expect((await get(`/things?size=300&cursor=${body.nextCursor}`)).body).toHaveLength(100);
    expect((await get('/new?size=300')).body.data).toHaveLength(200);
  });

  it('is an error as a whole when one of its pages is', async () => {
    const asked = get('/things?size=300');
    failsAt = 2;
    expect(await asked).toMatchObject({ status: 503, body: { code: 'STORE_FAILED' } });
  });

  it('has a HEAD of the same length', async () => {
    const { headers } = await get('/things?size=201');
    const head = await request(served.url).head('/things?size=201');
    expect(head.headers['content-length']).toBe(headers['content-length']);
  });
});

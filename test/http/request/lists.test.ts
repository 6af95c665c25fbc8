import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PageInput, page } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { listOf } from '../../../src/api/query-values.ts';
import { idSchema } from '../../../src/domain/values/id.ts';
import type { Page } from '../../../src/domain/values/page.ts';
import { compactTaskSchema, toCompactTask } from '../../../src/domain/work/compact-task.ts';
import { createTask, taskSchema } from '../../../src/domain/work/task.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const colours = ['red', 'green', 'blue'] as const;
const thing = z.object({ id: idSchema, colour: z.enum(colours), rank: z.number() });
const things = Array.from({ length: 25 }, (_, i) => ({
  id: `t${String(i).padStart(2, '0')}`,
  colour: colours[i % 3] ?? 'red',
  rank: i % 5,
}));

/** What a store does with a page: keyset order, the id as tie-break. */
function paged<T extends { readonly id: string; readonly rank: number }>(
  items: readonly T[],
  { limit, after, descending = false, sort, count }: PageInput<'rank' | 'id'>,
): Page<T> {
  const sign = descending ? -1 : 1;
  const keyOf = (item: T) => (sort === 'rank' ? item.rank : item.id);
  const order = (a: string | number, b: string | number) => (a === b ? 0 : a < b ? -sign : sign);
  const behind = items
    .toSorted((a, b) => order(keyOf(a), keyOf(b)) || order(a.id, b.id))
    .filter((item) => after === undefined || (order(keyOf(item), after.key) || order(item.id, after.id)) > 0);
  const last = behind[limit - 1];
  return {
    items: behind.slice(0, limit),
    next: last === undefined || behind.length === limit ? null : { key: keyOf(last), id: last.id },
    total: count === true ? items.length : undefined,
  };
}

const handle = ({
  page,
  query,
}: {
  page: PageInput<'rank' | 'id'>;
  query: { colour?: readonly string[] | undefined };
}) =>
  paged(
    things.filter(({ colour }) => query.colour?.includes(colour) ?? true),
    page,
  );
const query = { colour: listOf(z.enum(colours)).optional() };
const tasks = Array.from({ length: 50 }, (_, i) => ({
  ...createTask(
    `task_${i}`,
    'p1',
    { title: `A task with a title of usual length, number ${i}`, description: 'x'.repeat(500) },
    i,
  ),
  rank: i,
}));

const endpoints = [
  endpoint({
    method: 'GET',
    path: '/things',
    summary: 'Lists things.',
    permission: 'public',
    query,
    answer: page(thing, { sorts: ['id', 'rank'] }),
    handle,
  }),
  endpoint({
    method: 'GET',
    path: '/new',
    summary: 'Lists things in an envelope.',
    permission: 'public',
    query,
    answer: page(thing, { sorts: ['id', 'rank'], envelope: 'always' }),
    handle,
  }),
  endpoint({
    method: 'GET',
    path: '/tasks',
    summary: 'Lists tasks.',
    permission: 'public',
    answer: page(taskSchema, { compact: { schema: compactTaskSchema, of: toCompactTask } }),
    handle: ({ page }) => paged(tasks, page),
  }),
];

describe('lists', () => {
  let served: ServedEndpoints;
  beforeAll(async () => {
    served = await serveEndpoints(endpoints, { settings: { listDefaultLimit: 10, listMaxLimit: 20 } });
  });
  afterAll(() => served.stop());

  const get = (path: string) => request(served.url).get(path);
  const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

  it('[HT24] a list is a bare array, with headers that say whether and where it goes on', async () => {
    const reply = await get('/things?limit=2');
    expect(ids(reply.body)).toEqual(['t00', 't01']);
    expect(reply.headers['x-has-more']).toBe('true');
    expect(reply.headers['x-next-cursor']).toMatch(/^[\w-]+$/);
    const end = await get('/things?colour=red&limit=20');
    expect(end.headers['x-has-more']).toBe('false');
    expect(end.headers).not.toHaveProperty('x-next-cursor');
    expect(end.headers).not.toHaveProperty('link');
  });

  it('[HT25] the limit is LIST_DEFAULT_LIMIT unless said, never above LIST_MAX_LIMIT, and at least 1', async () => {
    expect((await get('/things')).body).toHaveLength(10);
    expect((await get('/things?limit=5000')).body).toHaveLength(20);
    for (const limit of ['0', '-1', '1.5', 'all', '']) {
      const reply = await get(`/things?limit=${limit}`);
      expect(reply, limit).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    }
  });

  it('[HT26] following the cursors, or the links, gives each item once in order, whatever the sort', async () => {
    for (const sort of ['id', '-id', 'rank', '-rank']) {
      const found: string[] = [];
      let path: string | undefined = `/things?sort=${sort}&limit=4&colour=red,blue`;
      while (path !== undefined) {
        const reply = await get(path);
        found.push(...ids(reply.body));
        const link = /^<(\?[^>]+)>; rel="next"$/.exec(reply.headers.link ?? '')?.[1];
        const cursor = reply.headers['x-next-cursor'];
        expect(link === undefined).toBe(cursor === undefined);
        if (link !== undefined) {
          expect(Object.fromEntries(new URLSearchParams(link))).toEqual({
            sort,
            limit: '4',
            colour: 'red,blue',
            cursor,
          });
        }
        path = link && `/things${link}`;
      }
      const wanted = things.filter(({ colour }) => colour !== 'green');
      const sign = sort.startsWith('-') ? -1 : 1;
      const byId = wanted.toSorted((a, b) => sign * (a.id < b.id ? -1 : 1));
      const ordered = sort.endsWith('rank') ? byId.toSorted((a, b) => sign * (a.rank - b.rank)) : byId;
      expect(found, sort).toEqual(ids(ordered));
    }
  });

  it('[HT27] a cursor is valid for the list it came from, with pages of any size, and for no other list', async () => {
    const cursor = (await get('/things?sort=rank&colour=red&limit=2')).headers['x-next-cursor'];
    const same = await get(`/things?sort=rank&colour=red&limit=3&envelope=true&fields=rank&cursor=${cursor}`);
    expect(same.body.data).toHaveLength(3);
    for (const other of [
      '/things?sort=-rank&colour=red',
      '/things?sort=rank&colour=blue',
      '/things?sort=rank',
      '/new?sort=rank&colour=red',
    ]) {
      const reply = await get(`${other}&cursor=${cursor}`);
      expect(reply, other).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: 'cursor' }] } },
      });
    }
    const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const bad of ['x', '%00', made([]), made(['a', {}, 'b']), made({}), made(null), 'x'.repeat(5000)]) {
      expect((await get(`/things?cursor=${bad}`)).status, bad).toBe(400);
    }
  });

  it('[HT28] envelope=true puts all of it into the body; lists that are new always do', async () => {
    const reply = await get('/things?limit=2&envelope=true');
    expect(reply.body).toEqual({
      data: things.slice(0, 2),
      nextCursor: reply.headers['x-next-cursor'],
      hasMore: true,
    });
    expect((await get('/new?colour=red&limit=20')).body).toMatchObject({ nextCursor: null, hasMore: false });
    expect((await get('/new?envelope=true')).status).toBe(400);
  });

  it('[HT29] count=true tells how many there are in all', async () => {
    expect((await get('/things?limit=1')).headers).not.toHaveProperty('x-total-count');
    expect((await get('/things?limit=1&count=true')).headers['x-total-count']).toBe('25');
    expect((await get('/new?limit=1&count=true')).body.total).toBe(25);
  });

  it('[HT30] sort takes one key of those the list has', async () => {
    expect((await get('/things?sort=colour')).body.message).toBe('sort: must be one of id, -id, rank, -rank');
    expect((await get('/things?sort=rank,id')).status).toBe(400);
    expect((await get('/tasks?sort=title')).body.message).toContain('no such query parameter');
  });

  it('[HT31] fields picks what is wanted of each item, its id always with it', async () => {
    expect((await get('/things?limit=1&fields=rank')).body).toEqual([{ id: 't00', rank: 0 }]);
    expect((await get('/things?limit=1&fields=rank&envelope=true')).body.data).toEqual([
      { id: 't00', rank: 0 },
    ]);
    expect((await get('/things?fields=rank,color')).body.message).toBe(
      'fields: must be one of id, colour, rank; did you mean colour?',
    );
  });

  it('[HT32] view=compact answers each item in one line: 50 tasks in less than 8 KB', async () => {
    const { text } = await get('/tasks?view=compact&limit=20');
    expect(JSON.parse(text)[0]).toEqual(toCompactTask(tasks[0] as (typeof tasks)[0]));
    expect((text.length / 20) * 50).toBeLessThan(8192);
    expect((await get('/things?view=compact')).status).toBe(400);
  });
});

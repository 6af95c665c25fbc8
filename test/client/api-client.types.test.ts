import { describe, expect, it } from 'vitest';
import { type ApiClient, ApiError, createApiClient } from '../../src/client/api-client.ts';

/** What the compiler must accept and refuse; the type check of the project fails when a line of these is wrong. */
export async function checkedTypes(client: ApiClient, id: string): Promise<void> {
  const started = await client.request('POST /api/sessions/:id/queue/start', {
    params: { id },
    query: { wait: 30 },
    idempotencyKey: 'once',
    signal: AbortSignal.timeout(1000),
  });
  const taskId: string | undefined = started.item?.taskId;
  const projects: string[] = (await client.request('GET /api/projects')).map(({ name }) => name);
  const { answer, headers } = await client.send('GET /api/tasks/:id', { params: { id } });
  const version: number = answer.version;
  const position: string | null = headers.get('x-event-position');
  await client.request('POST /api/sessions/:id/queue/complete', { params: { id } });
  await client.request('PATCH /api/tasks/:id', { params: { id }, body: { title: 'New' }, ifMatch: version });
  const events: ReadableStream<Uint8Array> = await client.request('GET /api/events/stream', {
    query: { channels: ['workspace'] },
  });
  const description: unknown = (await client.request('GET /openapi.json')).paths;
  void [taskId, projects, position, events, description];

  // @ts-expect-error: an operation that the API does not have
  await client.request('DELETE /api/sessions/:id/queue/start', { params: { id } });
  // @ts-expect-error: a path without its parameter
  await client.request('GET /api/tasks/:id');
  // @ts-expect-error: a parameter that the path does not have
  await client.request('GET /api/tasks/:id', { params: { id, taskId: id } });
  // @ts-expect-error: a body that is required
  await client.request('POST /api/tasks');
  // @ts-expect-error: a body without its title
  await client.request('POST /api/tasks', { body: { projectId: id } });
  // @ts-expect-error: a body that the endpoint does not take
  await client.request('GET /api/tasks', { body: {} });
  // @ts-expect-error: a query that is required
  await client.request('GET /api/events/stream');
  // @ts-expect-error: a value of another type
  await client.request('POST /api/sessions/:id/queue/start', { params: { id }, query: { wait: '30' } });
  // @ts-expect-error: an option that no request has
  await client.request('GET /api/tasks', { retries: 3 });
}

/** The same of lists. */
export async function checkedLists(client: ApiClient, id: string): Promise<void> {
  const page = await client.request('GET /api/tasks', {
    query: { status: ['todo', 'in_progress'], parentId: null, sort: '-priority', limit: 5, envelope: true },
  });
  const cursor: string | null = page.nextCursor;
  const timeline = await client.request('GET /api/sessions/:id/timeline', { params: { id } });
  const hasMore: boolean = timeline.hasMore;
  const picked = await client.request('GET /api/tasks', { query: { fields: ['title'] } });
  const titles: (readonly [string, string])[] = picked.map((task) => [task.id, task.title] as const);
  const compact = await client.request('GET /api/tasks', { query: { view: 'compact' } });
  const first: string | undefined = compact[0]?.title;
  for await (const task of client.each('GET /api/tasks', { query: { projectId: [id] } })) {
    const labels: readonly string[] = task.labels;
    void labels;
  }
  for await (const { title } of client.each('GET /api/tasks', { query: { fields: ['title'] } })) void title;
  const open = {} as { envelope?: boolean; view?: 'full' | 'compact'; fields?: 'title'[] };
  const either = await client.request('GET /api/tasks', { query: open });
  const some = Array.isArray(either) ? either[0] : either.data[0];
  const title: string | undefined = some?.title;
  void [cursor, hasMore, titles, first, title];
  // @ts-expect-error: it may be an envelope
  either[0];
  // @ts-expect-error: the item may be compact
  some?.description;

  // @ts-expect-error: a bare array has no cursor
  (await client.request('GET /api/tasks')).nextCursor;
  // @ts-expect-error: a filter that the list does not have
  await client.request('GET /api/tasks', { query: { limit: 5, colour: 'red' } });
  // @ts-expect-error: a status that tasks do not have
  await client.request('GET /api/tasks', { query: { status: ['done'] } });
  // @ts-expect-error: an order that the list does not have
  await client.request('GET /api/tasks', { query: { sort: 'colour' } });
  // @ts-expect-error: a list that knows no order
  await client.request('GET /api/skills', { query: { sort: 'name' } });
  // @ts-expect-error: a list without a compact view
  await client.request('GET /api/projects', { query: { view: 'compact' } });
  // @ts-expect-error: a list that always has an envelope
  await client.request('GET /api/tokens', { query: { envelope: true } });
  // @ts-expect-error: a field that items do not have
  await client.request('GET /api/tasks', { query: { fields: ['colour'] } });
  // @ts-expect-error: a field that was not picked
  picked[0]?.status;
  // @ts-expect-error: a field that the compact view does not have
  compact[0]?.description;
  // @ts-expect-error: an endpoint that does not list
  for await (const _ of client.each('GET /api/tasks/:id', { params: { id } })) break;
}

describe('the types of the client', () => {
  it('[CL8] an error narrows to a code of the catalogue or of the client', async () => {
    const client = createApiClient({ url: 'http://127.0.0.1:1' });
    const error = await client.request('GET /api/tasks').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    if (!(error instanceof ApiError)) return;
    const { code } = error;
    expect(code === 'UNREACHABLE' || code === 'QUEUE_BUSY').toBe(true);
    if (code === 'UNREACHABLE' || code === 'QUEUE_BUSY') return;
    // @ts-expect-error: no error has this code
    expect(code === 'UNREACHED').toBe(false);
  });
});

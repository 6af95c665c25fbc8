import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  accessModes,
  agentProgramClient,
  type ClientSend,
  expectError,
  expectSuccess,
  type OpenServer,
  startServerWithAccess,
} from '../support/servers/existing-client.ts';

const made = z.object({ id: z.string() });
const ok = z.unknown();

describe.each(accessModes)('[CO1] the queue of the agent program through %s', (name) => {
  let server: OpenServer;
  let send: ClientSend;
  let projectId: string;
  let taskId: string;
  let childId: string;
  beforeAll(async () => {
    server = await startServerWithAccess(name);
    send = agentProgramClient(server.url);
    projectId = expectSuccess(await send('POST', '/projects', { name: 'Sky', workingDir: '' }), made).id;
    const ask = { projectId, title: 'Count', description: '', priority: 'high' };
    taskId = expectSuccess(await send('POST', '/tasks', ask), made).id;
    childId = expectSuccess(await send('POST', '/tasks', { ...ask, parentId: taskId }), made).id;
  });
  afterAll(() => server.remove());

  it('queue top, list, status, push, start, complete, fail, skip', async () => {
    const item = z.object({
      taskId: z.string(),
      status: z.string(),
      addedAt: z.int(),
      startedAt: z.int().optional(),
    });
    const taken = z.object({ taskId: z.string() });
    const stats = z.object({
      ...{ total: z.int(), queued: z.int(), processing: z.int() },
      ...{ completed: z.int(), failed: z.int(), skipped: z.int() },
    });
    const make = { projectId, taskIds: [taskId, childId], name: 'Queued', strategy: 'queue' };
    const { id } = expectSuccess(await send('POST', '/sessions', make), made);
    const queue = (method: string, verb = '', body?: unknown) =>
      send(method, `/sessions/${id}/queue${verb}`, body);
    const top = z.object({ hasMore: z.literal(true), item });
    expect(expectSuccess(await queue('GET', '/top'), top).item.taskId).toBe(taskId);
    expect(
      expectSuccess(await queue('GET', '/items'), z.object({ items: z.array(item), stats })).items,
    ).toHaveLength(2);
    const whole = z.object({
      queue: z.object({
        ...{ sessionId: z.string(), createdAt: z.int(), updatedAt: z.int() },
        ...{ items: z.array(item), currentIndex: z.int() },
      }),
      stats,
    });
    expect(expectSuccess(await queue('GET'), whole).queue).toMatchObject({ sessionId: id, currentIndex: -1 });
    const started = expectSuccess(await queue('POST', '/start', {}), z.object({ item }));
    expect(started.item).toMatchObject({ taskId, status: 'processing', startedAt: expect.any(Number) });
    expectError(await queue('POST', '/start', {}), 409);
    const completed = expectSuccess(
      await queue('POST', '/complete', {}),
      z.object({ completedItem: taken, nextItem: taken, hasMore: z.literal(true) }),
    );
    expect([completed.completedItem.taskId, completed.nextItem.taskId]).toEqual([taskId, childId]);
    expectError(await queue('POST', '/complete', {}), 409);
    expectSuccess(await queue('POST', '/start', {}), z.object({ item }));
    const last = z.object({ failedItem: taken, nextItem: z.null(), hasMore: z.literal(false) });
    expect(expectSuccess(await queue('POST', '/fail', { reason: 'Clouds' }), last).failedItem.taskId).toBe(
      childId,
    );
    expect(expectSuccess(await queue('POST', '/push', { taskId }), z.object({ item })).item.status).toBe(
      'queued',
    );
    expectError(await queue('POST', '/push', { taskId }), 409);
    expect(
      expectSuccess(await queue('POST', '/skip', {}), z.object({ skippedItem: taken })).skippedItem.taskId,
    ).toBe(taskId);
    expectSuccess(await queue('POST', '/push', { taskId }), ok);
    expectSuccess(await queue('POST', '/start', {}), ok);
    expectSuccess(await queue('POST', '/fail', {}), z.object({ failedItem: taken }));
    expectSuccess(
      await queue('GET', '/top'),
      z.object({ hasMore: z.literal(false), item: z.null(), message: z.string() }),
    );
    expectSuccess(
      await queue('POST', '/start', {}),
      z.object({ item: z.null(), empty: z.literal(true), message: z.string() }),
    );
    expect(expectSuccess(await queue('GET'), whole).stats).toMatchObject({
      total: 4,
      completed: 1,
      failed: 2,
      skipped: 1,
    });
  });
});

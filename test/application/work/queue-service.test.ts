import { describe, expect, it } from 'vitest';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

async function openQueue(...titles: string[]) {
  const harness = openServices();
  const { project, taskIds } = await projectWithTasks(harness, ...titles);
  const { id } = await harness.services.sessions.create(createCall(), {
    projectId: project.id,
    taskIds,
    strategy: 'queue',
  });
  return { harness, project, taskIds, id, queues: harness.services.queues };
}

describe('queues', () => {
  it('[QU1] come with a session of strategy queue, every task queued', async () => {
    const { harness, taskIds, id, queues } = await openQueue('A', 'B');
    const { queue, stats } = await queues.get(createCall(), id);
    expect(queue).toMatchObject({ strategy: 'queue', currentIndex: -1 });
    expect(queue.items.map((item) => [item.taskId, item.status])).toEqual(
      taskIds.map((task) => [task, 'queued']),
    );
    expect(stats).toEqual({ total: 2, queued: 2, processing: 0, completed: 0, failed: 0, skipped: 0 });
    expect((await harness.services.tasks.get(createCall(), taskIds[0] ?? '')).taskSessionStatuses).toEqual({
      [id]: 'queued',
    });
    expect(harness.events.map((event) => event.name)).toContain('queue:created');
  });

  it('[QU2] are not available to sessions of another strategy', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { id } = await harness.services.sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [],
    });
    await expect(harness.services.queues.top(createCall(), id)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    await expect(harness.services.queues.top(createCall(), 'sess_none')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('[QU3] change queue, progress, timeline and the status of the task in one commit with their events', async () => {
    const { harness, taskIds, id, queues } = await openQueue('A', 'B', 'C');
    const task = async (i: number) => harness.services.tasks.get(createCall(), taskIds[i] ?? '');
    const lastEntry = async () => (await harness.services.sessions.get(createCall(), id)).timeline.at(-1);

    expect(await harness.eventNamesOf(() => queues.start(createCall(), id, 0))).toEqual([
      'queue:item_started',
      'task:updated',
      'session:updated',
    ]);
    expect(await task(0)).toMatchObject({ taskSessionStatuses: { [id]: 'working' }, status: 'in_progress' });
    expect(await lastEntry()).toMatchObject({ type: 'task_started', taskId: taskIds[0] });

    expect(await harness.eventNamesOf(() => queues.complete(createCall(), id))).toEqual([
      'queue:item_completed',
      'task:updated',
      'session:updated',
      'notify:task_completed',
      'notify:task_session_completed',
    ]);
    expect(await task(0)).toMatchObject({ taskSessionStatuses: { [id]: 'completed' }, status: 'completed' });
    expect(await lastEntry()).toMatchObject({ type: 'task_completed' });

    await queues.start(createCall(), id, 0);
    expect(await harness.eventNamesOf(() => queues.fail(createCall(), id, { reason: 'no luck' }))).toEqual([
      'queue:item_failed',
      'task:updated',
      'session:updated',
      'notify:task_session_failed',
    ]);
    expect(await lastEntry()).toMatchObject({ type: 'task_failed', message: 'Failed: B (no luck)' });

    expect(await harness.eventNamesOf(() => queues.skip(createCall(), id))).toEqual([
      'queue:item_skipped',
      'task:updated',
      'session:updated',
    ]);
    expect((await task(2)).taskSessionStatuses).toEqual({ [id]: 'skipped' });
    expect((await queues.get(createCall(), id)).stats).toMatchObject({
      completed: 1,
      failed: 1,
      skipped: 1,
      queued: 0,
    });
    expect(await Promise.all([0, 1, 2].map(async (i) => (await task(i)).status))).toEqual([
      'completed',
      'todo',
      'todo',
    ]);
  });

  it('[QU4] answer what ended and what is next', async () => {
    const { taskIds, id, queues } = await openQueue('A', 'B');
    expect(await queues.top(createCall(), id)).toMatchObject({ hasMore: true, item: { taskId: taskIds[0] } });
    expect(await queues.start(createCall(), id, 0)).toMatchObject({
      success: true,
      item: { taskId: taskIds[0] },
    });
    expect(await queues.complete(createCall(), id)).toMatchObject({
      success: true,
      completedItem: { taskId: taskIds[0], status: 'completed' },
      nextItem: { taskId: taskIds[1] },
      hasMore: true,
    });
    await queues.start(createCall(), id, 0);
    expect(await queues.fail(createCall(), id, { reason: 'why' })).toMatchObject({
      failedItem: { failReason: 'why' },
      nextItem: null,
      hasMore: false,
    });
    expect(await queues.top(createCall(), id)).toMatchObject({ hasMore: false, item: null });
    expect(await queues.start(createCall(), id, 0)).toMatchObject({ success: true, item: null, empty: true });
  });

  it('[QU5] process one item at a time when several start at once; the others are told which one', async () => {
    const { taskIds, id, queues } = await openQueue('A', 'B');
    const starts = await Promise.allSettled(
      Array.from({ length: 16 }, () => queues.start(createCall(), id, 0)),
    );
    const won = starts.filter((start) => start.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const start of starts) {
      if (start.status === 'rejected') {
        expect(start.reason).toMatchObject({ code: 'QUEUE_BUSY', details: { item: { taskId: taskIds[0] } } });
      }
    }
    expect((await queues.get(createCall(), id)).stats).toMatchObject({ processing: 1, queued: 1 });
  });

  it('[QU6] refuse to end what was not begun, and to skip what is not there', async () => {
    const { id, queues } = await openQueue();
    await expect(queues.complete(createCall(), id)).rejects.toMatchObject({ code: 'QUEUE_IDLE' });
    await expect(queues.fail(createCall(), id, {})).rejects.toMatchObject({ code: 'QUEUE_IDLE' });
    await expect(queues.skip(createCall(), id)).rejects.toMatchObject({ code: 'QUEUE_EMPTY' });
  });

  it('[QU7] take a pushed task once while it waits, again once it ended, and link it', async () => {
    const { harness, project, id, queues } = await openQueue();
    const task = await harness.services.tasks.create(createCall(), project.id, { title: 'New' });
    expect(await harness.eventNamesOf(() => queues.push(createCall(), id, task.id))).toEqual([
      'session:task_added',
      'task:session_added',
      'queue:item_pushed',
      'task:updated',
      'session:updated',
    ]);
    await expect(queues.push(createCall(), id, task.id)).rejects.toMatchObject({ code: 'ALREADY_QUEUED' });
    await expect(queues.push(createCall(), id, 'task_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await harness.services.tasks.get(createCall(), task.id)).sessionIds).toEqual([id]);
    await queues.start(createCall(), id, 0);
    await queues.fail(createCall(), id, {});
    expect(await queues.push(createCall(), id, task.id)).toMatchObject({
      success: true,
      item: { status: 'queued' },
    });
  });

  it('[QU8] skip an item whose task is gone instead of standing still', async () => {
    const { harness, project, taskIds, id, queues } = await openQueue('A', 'B');
    await harness.store.transaction('test', async (tx) => {
      await tx.lock(`project:${project.id}`);
      await tx.tasks.delete(taskIds[0] ?? '');
    });
    expect(await queues.start(createCall(), id, 0)).toMatchObject({ item: { taskId: taskIds[1] } });
    expect((await queues.get(createCall(), id)).queue.items[0]).toMatchObject({ status: 'skipped' });
  });

  it('[QU9] let a start wait for an item, and end the wait when nobody listens any more', async () => {
    const { harness, project, id, queues } = await openQueue();
    const task = await harness.services.tasks.create(createCall(), project.id, { title: 'Late' });
    const waiting = queues.start(createCall(), id, 30);
    await queues.push(createCall(), id, task.id);
    expect(await waiting).toMatchObject({ item: { taskId: task.id, status: 'processing' } });
    await queues.complete(createCall(), id);
    const leaving = new AbortController();
    const left = queues.start(createCall({}, { signal: leaving.signal }), id, 30);
    leaving.abort();
    expect(await left).toMatchObject({ item: null, empty: true });
  });

  it('[QU12] end the wait of a start at once when they go with their session', async () => {
    const { harness, id, queues } = await openQueue();
    const waiting = queues.start(createCall(), id, 30);
    await harness.services.sessions.remove(createCall(), id);
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('[QU13] give no item to a start whose token was revoked while it waited', async () => {
    const { harness, project, id, queues } = await openQueue();
    const token = await harness.services.tokens.create(createCall(), {
      role: 'agent',
      projects: [project.id],
    });
    const task = await harness.services.tasks.create(createCall(), project.id, { title: 'Late' });
    const waiting = queues.start(createCall({ id: 'agent', tokenId: token.id }), id, 30);
    await harness.services.tokens.revoke(createCall(), token.id);
    await queues.push(createCall(), id, task.id);
    await expect(waiting).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect((await queues.get(createCall(), id)).stats).toMatchObject({ queued: 1, processing: 0 });
  });

  it('[QU10] keep the last word when their session loses a task', async () => {
    const { harness, taskIds, id, queues } = await openQueue('A', 'B');
    await queues.start(createCall(), id, 0);
    await harness.services.sessions.removeTask(createCall(), id, taskIds[0] ?? '');
    expect((await queues.get(createCall(), id)).stats).toMatchObject({
      processing: 0,
      skipped: 1,
      queued: 1,
    });
    expect(await queues.start(createCall(), id, 0)).toMatchObject({ item: { taskId: taskIds[1] } });
  });
});

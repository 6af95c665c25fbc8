import { describe, expect, it } from 'vitest';
import type { SessionPatch } from '../../../src/application/work/session-service.ts';
import type { TaskPatch } from '../../../src/application/work/task-service.ts';
import { createCall, openServices } from '../../support/services/service-harness.ts';

async function stage(review?: boolean) {
  const harness = openServices();
  const { services } = harness;
  const { projects, tasks, sessions, queues } = services;
  const { id: projectId } = await projects.create(createCall(), { name: 'Board', review });
  const taskIds: string[] = [];
  for (const title of ['one', 'two', 'three']) {
    taskIds.push((await tasks.create(createCall(), projectId, { title })).id);
  }
  const [first = '', second = '', third = ''] = taskIds;
  const { id } = await sessions.create(createCall(), {
    projectId,
    taskIds,
    strategy: 'queue',
    status: 'working',
  });
  const statuses = async () =>
    Promise.all(taskIds.map(async (taskId) => (await tasks.get(createCall(), taskId)).status));
  const start = () => queues.start(createCall(), id, 0);
  const patchTask = (taskId: string, patch: TaskPatch) => tasks.update(createCall(), taskId, patch);
  const patchSession = (patch: SessionPatch) => sessions.update(createCall(), id, patch);
  const queue = async () => (await queues.get(createCall(), id)).queue;
  return {
    ...{ harness, services, projectId, id, first, second, third, statuses, start, patchTask, patchSession },
    ...{ queue, tasks, sessions, queues },
  };
}

describe('[TK16] the board', () => {
  it('follows a queue that is worked to its end', async () => {
    const { id, queues, start, statuses } = await stage();
    await start();
    expect(await statuses()).toEqual(['in_progress', 'todo', 'todo']);
    await queues.complete(createCall(), id);
    await start();
    await queues.fail(createCall(), id, { reason: 'No signal' });
    await start();
    await queues.skip(createCall(), id);
    expect(await statuses()).toEqual(['completed', 'todo', 'todo']);
  });

  it('keeps the reason of a failure until the task is completed', async () => {
    const { id, first, queues, start, tasks, harness } = await stage();
    await start();
    await queues.fail(createCall(), id, { reason: 'No signal' });
    const lastFailure = { reason: 'No signal', sessionId: id, at: harness.now() };
    expect(await tasks.get(createCall(), first)).toMatchObject({
      status: 'todo',
      startedAt: null,
      lastFailure,
    });
    await queues.push(createCall(), id, first);
    for (const _ of [1, 2]) {
      await start();
      await queues.skip(createCall(), id);
    }
    await start();
    expect(await tasks.get(createCall(), first)).toMatchObject({ status: 'in_progress', lastFailure });
    await queues.complete(createCall(), id);
    expect((await tasks.get(createCall(), first)).lastFailure).toBeUndefined();
  });

  it('shows a failure that nobody tries again as blocked, and takes it up again on a start', async () => {
    const { id, first, second, queues, start, statuses, patchTask } = await stage();
    await start();
    await queues.fail(createCall(), id, { reason: 'Wrong key', retry: false });
    expect((await statuses())[0]).toBe('blocked');
    await patchTask(second, { updateSource: 'session', sessionId: id, sessionStatus: 'working' });
    await patchTask(first, { updateSource: 'session', sessionId: id, sessionStatus: 'working' });
    expect(await statuses()).toEqual(['in_progress', 'in_progress', 'todo']);
  });

  it('puts completed work in review where the project asks for it, or the task', async () => {
    const { id, second, queues, start, statuses, patchTask } = await stage(true);
    await patchTask(second, { review: false });
    for (const _ of [1, 2]) {
      await start();
      await queues.complete(createCall(), id);
    }
    expect(await statuses()).toEqual(['in_review', 'completed', 'todo']);
  });

  it('keeps the status that a person set while work was under way', async () => {
    for (const status of ['cancelled', 'todo', 'blocked', 'in_review'] as const) {
      const { id, first, queues, start, statuses, patchTask } = await stage();
      await start();
      await patchTask(first, { status });
      await queues.complete(createCall(), id);
      expect((await statuses())[0]).toBe(status);
    }
  });

  it('takes back what a session loses with a link, or with its deletion', async () => {
    const { id, first, second, start, statuses, sessions, queues } = await stage();
    await start();
    await sessions.removeTask(createCall(), id, first);
    await start();
    expect(await statuses()).toEqual(['todo', 'in_progress', 'todo']);
    expect((await queues.get(createCall(), id)).queue.items[1]?.taskId).toBe(second);
    await sessions.remove(createCall(), id);
    expect(await statuses()).toEqual(['todo', 'todo', 'todo']);
  });

  it('tells of a status that followed work as of one that was set', async () => {
    const { id, queues, start, harness } = await stage();
    await start();
    const names = await harness.eventNamesOf(() => queues.complete(createCall(), id));
    expect(names).toEqual(expect.arrayContaining(['task:updated', 'notify:task_completed']));
  });
});

describe('[SE13] the end of a session', () => {
  it.each([
    ['completed', 'completed', 'completed'],
    ['failed', 'failed', 'todo'],
    ['stopped', 'failed', 'todo'],
  ] as const)('as %s ends the item at hand as %s and gives the rest back', async (end, item, task) => {
    const { start, patchSession, statuses, queue, harness } = await stage();
    await start();
    const names = await harness.eventNamesOf(() => patchSession({ status: end }));
    expect(names.filter((name) => name.startsWith('queue:'))).toEqual([
      `queue:item_${item}`,
      'queue:item_skipped',
      'queue:item_skipped',
    ]);
    const { items, currentIndex } = await queue();
    expect(items.map(({ status }) => status)).toEqual([item, 'skipped', 'skipped']);
    expect(currentIndex).toBe(-1);
    expect(await statuses()).toEqual([task, 'todo', 'todo']);
  });

  it('leaves a queue that takes no operation, and says how to go on', async () => {
    const { id, first, queues, start, patchSession } = await stage();
    await patchSession({ status: 'completed' });
    const operations = [
      () => start(),
      () => queues.complete(createCall(), id),
      () => queues.fail(createCall(), id, {}),
      () => queues.skip(createCall(), id),
      () => queues.push(createCall(), id, first),
    ];
    for (const operation of operations) {
      await expect(operation()).rejects.toMatchObject({
        code: 'SESSION_ENDED',
        message: expect.stringMatching(/working to resume it/),
      });
    }
    await patchSession({ status: 'working' });
    await expect(queues.push(createCall(), id, first)).resolves.toMatchObject({ success: true });
    await expect(start()).resolves.toMatchObject({ item: { taskId: first } });
  });

  it('ends a start that waits', async () => {
    const { id, queues, start, patchSession } = await stage();
    for (const _ of [1, 2, 3]) {
      await start();
      await queues.skip(createCall(), id);
    }
    const waiting = queues.start(createCall(), id, 60);
    await patchSession({ status: 'stopped' });
    await expect(waiting).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('[SE12] says what the session came to, until it is resumed', async () => {
    const { id, queues, start, patchSession } = await stage();
    await start();
    await queues.complete(createCall(), id);
    await start();
    await queues.fail(createCall(), id, {});
    expect(await patchSession({ status: 'failed' })).toMatchObject({
      result: { completed: 1, failed: 1, skipped: 1, left: 0 },
    });
    const resumed = await patchSession({ status: 'working' });
    expect(resumed.result).toBeUndefined();
    expect(resumed.completedAt).toBeNull();
  });

  it('[SE11] as completed, reported soon after a stop, completes what failed for the stop alone', async () => {
    const { id, queues, start, patchSession, statuses, queue, tasks, first, harness } = await stage();
    await start();
    await queues.fail(createCall(), id, { reason: 'No signal' });
    await start();
    harness.advanceClock(1000);
    await patchSession({ status: 'stopped' });
    expect(await statuses()).toEqual(['todo', 'todo', 'todo']);
    harness.advanceClock(1000);
    expect(await patchSession({ status: 'completed' })).toMatchObject({ status: 'completed' });
    expect(await statuses()).toEqual(['todo', 'completed', 'todo']);
    expect((await queue()).items.map(({ status }) => status)).toEqual(['failed', 'completed', 'skipped']);
    expect((await tasks.get(createCall(), first)).taskSessionStatuses[id]).toBe('failed');
  });

  it('[SE11] is not revised after the grace time', async () => {
    const { patchSession, harness } = await stage();
    await patchSession({ status: 'stopped' });
    harness.advanceClock(60_001);
    await expect(patchSession({ status: 'completed' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });
});

describe('[QU14] an operation that names its task', () => {
  it('ends the item of no other', async () => {
    const { id, first, second, queues, start } = await stage();
    await start();
    await queues.complete(createCall(), id, first);
    await start();
    for (const operation of [
      () => queues.complete(createCall(), id, first),
      () => queues.fail(createCall(), id, { taskId: first }),
      () => queues.skip(createCall(), id, first),
    ]) {
      await expect(operation()).rejects.toMatchObject({
        code: 'CONFLICT',
        details: { item: { taskId: second, status: 'processing' } },
      });
    }
    await expect(queues.complete(createCall(), id, second)).resolves.toMatchObject({ success: true });
  });
});

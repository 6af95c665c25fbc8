import { describe, expect, it } from 'vitest';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

describe('tasks', () => {
  it('[TK1] begin as todo, of medium priority, with every list empty', async () => {
    const harness = openServices();
    const { project, tasks } = await projectWithTasks(harness, 'First');
    expect(tasks[0]).toMatchObject({
      projectId: project.id,
      title: 'First',
      status: 'todo',
      priority: 'medium',
      parentId: null,
      description: '',
      taskSessionStatuses: {},
      sessionIds: [],
      dependencies: [],
      startedAt: null,
      completedAt: null,
      version: 1,
    });
  });

  it('[TK2] go from any status to any other, and from archived back to todo only', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const { tasks } = harness.services;
    for (const status of [
      'in_progress',
      'completed',
      'todo',
      'cancelled',
      'in_review',
      'blocked',
      'archived',
    ] as const) {
      expect((await tasks.update(createCall(), id, { status })).status).toBe(status);
    }
    await expect(tasks.update(createCall(), id, { status: 'completed' })).rejects.toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { allowed: ['todo'] },
    });
    expect((await tasks.update(createCall(), id, { status: 'todo' })).status).toBe('todo');
  });

  it('[TK3] have a start and an end that follow the status', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const { tasks } = harness.services;
    const started = await tasks.update(createCall(), id, { status: 'in_progress' });
    harness.advanceClock(10);
    const done = await tasks.update(createCall(), id, { status: 'completed' });
    expect(done).toMatchObject({ startedAt: started.updatedAt, completedAt: done.updatedAt });
    harness.advanceClock(10);
    const again = await tasks.update(createCall(), id, { status: 'in_progress' });
    expect(again).toMatchObject({ startedAt: started.updatedAt, completedAt: null });
    expect(await tasks.update(createCall(), id, { status: 'todo' })).toMatchObject({
      startedAt: null,
      completedAt: null,
    });
  });

  it('[TK4] notify on the edges of their status, whatever the path', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const to = (status: 'completed' | 'cancelled' | 'in_review' | 'blocked') =>
      harness.eventNamesOf(() => harness.services.tasks.update(createCall(), id, { status }));
    expect(await to('in_review')).toEqual(['task:updated', 'notify:task_in_review']);
    expect(await to('in_review')).toEqual([]);
    expect(await to('completed')).toEqual(['task:updated', 'notify:task_completed']);
    expect(await to('cancelled')).toEqual(['task:updated', 'notify:task_cancelled']);
    expect(await to('blocked')).toEqual(['task:updated', 'notify:task_blocked']);
  });

  it('[TK5] stay as they are, silently, when a change changes nothing', async () => {
    const harness = openServices();
    const { tasks, taskIds } = await projectWithTasks(harness, 'A');
    harness.advanceClock(10);
    const names = await harness.eventNamesOf(async () => {
      expect(
        await harness.services.tasks.update(createCall(), taskIds[0] ?? '', { title: 'A', labels: [] }),
      ).toEqual(tasks[0]);
    });
    expect(names).toEqual([]);
  });

  it('[TK6] depend only on tasks of their project and never in a cycle, which is named', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A', 'B', 'C');
    const other = await projectWithTasks(harness, 'D');
    const [a = '', b = '', c = ''] = taskIds;
    const { tasks } = harness.services;
    await tasks.update(createCall(), a, { dependencies: [b] });
    await tasks.update(createCall(), b, { dependencies: [c] });
    await expect(tasks.update(createCall(), c, { dependencies: [a] })).rejects.toMatchObject({
      code: 'DEPENDENCY_CYCLE',
      details: { cycle: [c, a, b, c] },
    });
    await expect(tasks.update(createCall(), c, { dependencies: [c] })).rejects.toMatchObject({
      code: 'DEPENDENCY_CYCLE',
    });
    await expect(tasks.update(createCall(), c, { dependencies: other.taskIds })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    await expect(tasks.update(createCall(), c, { dependencies: ['task_none'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await tasks.get(createCall(), c)).version).toBe(1);
  });

  it('[TK7] are part of a task of their project, never of themselves', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const other = await projectWithTasks(harness, 'D');
    const { tasks } = harness.services;
    const child = await tasks.create(createCall(), project.id, { title: 'B', parentId: taskIds[0] ?? '' });
    const children = await tasks.children(createCall(), taskIds[0] ?? '', { limit: 10 });
    expect(children.items).toEqual([child]);
    await expect(
      tasks.create(createCall(), project.id, { title: 'C', parentId: other.taskIds[0] ?? '' }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    await expect(tasks.update(createCall(), taskIds[0] ?? '', { parentId: child.id })).rejects.toMatchObject({
      code: 'DEPENDENCY_CYCLE',
    });
  });

  it('[TK8] have an externalId that no other task of the project has', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const other = await projectWithTasks(harness);
    const { tasks } = harness.services;
    await tasks.create(createCall(), project.id, { title: 'A', externalId: 'x-1' });
    await expect(
      tasks.create(createCall(), project.id, { title: 'B', externalId: 'x-1' }),
    ).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await tasks.create(createCall(), other.project.id, { title: 'B', externalId: 'x-1' });
  });

  it('[TK9] take from a report only the progress of its session, link it first, and follow it', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const session = await harness.services.sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [],
    });
    const patch = {
      updateSource: 'session',
      sessionId: session.id,
      sessionStatus: 'completed',
      status: 'archived',
      title: 'no',
    } as const;
    const names = await harness.eventNamesOf(() => harness.services.tasks.update(createCall(), id, patch));
    expect(names).toEqual([
      'session:task_added',
      'task:session_added',
      'task:updated',
      'session:updated',
      'notify:task_completed',
      'notify:task_session_completed',
    ]);
    expect(await harness.services.tasks.get(createCall(), id)).toMatchObject({
      title: 'A',
      status: 'completed',
      sessionIds: [session.id],
      taskSessionStatuses: { [session.id]: 'completed' },
    });
    expect(await harness.eventNamesOf(() => harness.services.tasks.update(createCall(), id, patch))).toEqual(
      [],
    );
  });

  it('[TK10] go with all below them, and are forgotten wherever they were mentioned', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A', 'B');
    const [a = '', b = ''] = taskIds;
    const { tasks, sessions, queues } = harness.services;
    const child = await tasks.create(createCall(), project.id, { title: 'C', parentId: a });
    await tasks.update(createCall(), b, { dependencies: [child.id], referenceTaskIds: [a] });
    const session = await sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [a, b],
      strategy: 'queue',
    });
    await queues.start(createCall(), session.id, 0);
    const names = await harness.eventNamesOf(() => tasks.remove(createCall(), a));
    expect(names.filter((name) => name === 'task:deleted')).toHaveLength(2);
    expect(names).toContain('queue:item_skipped');
    expect(names).toContain('session:task_removed');
    expect(names.filter((name) => name === 'session:updated')).toHaveLength(1);
    expect(await tasks.get(createCall(), b)).toMatchObject({ dependencies: [], referenceTaskIds: [] });
    expect((await sessions.get(createCall(), session.id)).taskIds).toEqual([b]);
    const { queue } = await queues.get(createCall(), session.id);
    expect(queue.items.map((item) => item.status)).toEqual(['skipped', 'queued']);
    expect(queue.currentIndex).toBe(-1);
    await expect(tasks.get(createCall(), child.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('[TK11] change on both sides of a link in one commit', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const { tasks, sessions } = harness.services;
    const one = await sessions.create(createCall(), { projectId: project.id, taskIds: [id] });
    const two = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    await tasks.update(createCall(), id, { sessionIds: [two.id] });
    expect((await sessions.get(createCall(), one.id)).taskIds).toEqual([]);
    expect((await sessions.get(createCall(), two.id)).taskIds).toEqual([id]);
    await expect(
      tasks.update(createCall(), id, { title: 'New', sessionIds: ['sess_none'] }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await tasks.get(createCall(), id)).toMatchObject({ title: 'A', sessionIds: [two.id] });
  });

  it('[TK12] take all of eight parallel changes of different fields', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A');
    const id = taskIds[0] ?? '';
    const changes = [
      { title: 'T' },
      { description: 'D' },
      { priority: 'high' },
      { labels: ['L'] },
      { model: 'M' },
      { pinned: true },
      { skillIds: ['S'] },
      { agentTool: 'codex' },
    ] as const;
    await Promise.all(changes.map((change) => harness.services.tasks.update(createCall(), id, change)));
    expect(await harness.services.tasks.get(createCall(), id)).toMatchObject({
      ...Object.assign({}, ...changes),
      version: 9,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

describe('sessions', () => {
  it('[SE1] begin linked to their tasks on both sides, and say so in their timeline', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A', 'B');
    const names = await harness.eventNamesOf(async () => {
      const session = await harness.services.sessions.create(createCall(), {
        projectId: project.id,
        taskIds,
      });
      expect(session).toMatchObject({
        name: 'Unnamed Session',
        status: 'idle',
        strategy: 'simple',
        taskIds,
        timelineCount: 3,
        eventsCount: 0,
        docsCount: 0,
        hostname: 'here',
      });
      expect(session.timeline.map((entry) => entry.type)).toEqual([
        'session_started',
        'task_started',
        'task_started',
      ]);
      expect((await harness.services.tasks.get(createCall(), taskIds[1] ?? '')).sessionIds).toEqual([
        session.id,
      ]);
    });
    expect(names).toEqual([
      'session:created',
      'session:task_added',
      'task:session_added',
      'session:task_added',
      'task:session_added',
      'task:updated',
      'task:updated',
    ]);
  });

  it('[SE2] never replace one another: an id is taken whatever its case', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions } = harness.services;
    await sessions.create(createCall(), {
      id: 'session-1-AB',
      projectId: project.id,
      taskIds: [],
      name: 'First',
    });
    for (const id of ['session-1-AB', 'session-1-ab']) {
      await expect(
        sessions.create(createCall(), { id, projectId: project.id, taskIds: [] }),
      ).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
    }
    expect((await sessions.get(createCall(), 'session-1-AB')).name).toBe('First');
  });

  it('[SE3] change their status only along the defined transitions', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions } = harness.services;
    const input = { projectId: project.id, taskIds: [], status: 'completed' } as const;
    const { id } = await sessions.create(createCall(), input);
    expect((await sessions.update(createCall(), id, { status: 'stopped' })).status).toBe('completed');
    await expect(sessions.update(createCall(), id, { status: 'failed' })).rejects.toMatchObject({
      code: 'INVALID_TRANSITION',
      details: { allowed: ['working', 'idle'] },
    });
    expect((await sessions.update(createCall(), id, { status: 'idle' })).status).toBe('idle');
  });

  it('[SE4] end the progress that is still open, and the wait for input', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A', 'B', 'C');
    const [a = '', b = ''] = taskIds;
    const { sessions, tasks } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds });
    const report = { updateSource: 'session', sessionId: id } as const;
    await tasks.update(createCall(), a, { ...report, sessionStatus: 'working' });
    await tasks.update(createCall(), b, { ...report, sessionStatus: 'skipped' });
    await sessions.update(createCall(), id, { needsInput: { active: true, message: 'Which one?' } });
    const names = await harness.eventNamesOf(() => sessions.update(createCall(), id, { status: 'failed' }));
    expect(names).toEqual([
      'task:updated',
      'session:updated',
      'notify:task_session_failed',
      'notify:session_failed',
    ]);
    expect(await sessions.get(createCall(), id)).toMatchObject({
      status: 'failed',
      needsInput: { active: false },
    });
    const progress = await Promise.all(
      taskIds.map(async (task) => (await tasks.get(createCall(), task)).taskSessionStatuses),
    );
    expect(progress).toEqual([{ [id]: 'failed' }, { [id]: 'skipped' }, {}]);
  });

  it('[SE5] ask for a person once, however often they say so', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    const ask = () => sessionLogs.report(createCall(), id, { type: 'needs_input', message: 'Yes or no?' });
    expect(await harness.eventNamesOf(ask)).toEqual(['session:updated', 'notify:needs_input']);
    expect(await harness.eventNamesOf(ask)).toEqual(['session:updated']);
    expect((await sessions.get(createCall(), id)).needsInput).toMatchObject({
      active: true,
      message: 'Yes or no?',
    });
    const patch = { needsInput: { active: true, message: 'Again' } };
    await sessions.update(createCall(), id, { needsInput: { active: false } });
    expect(await harness.eventNamesOf(() => sessions.update(createCall(), id, patch))).toEqual([
      'session:updated',
      'notify:needs_input',
    ]);
  });

  it('[SE6] link a task once and unlink it once; the second time nothing happens', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const { sessions } = harness.services;
    const task = taskIds[0] ?? '';
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    const link = () => sessions.addTask(createCall(), id, task);
    const unlink = () => sessions.removeTask(createCall(), id, task);
    expect(await harness.eventNamesOf(link)).toEqual([
      'session:task_added',
      'task:session_added',
      'task:updated',
      'session:updated',
    ]);
    expect(await harness.eventNamesOf(link)).toEqual([]);
    expect(await harness.eventNamesOf(unlink)).toEqual([
      'session:task_removed',
      'task:session_removed',
      'task:updated',
      'session:updated',
    ]);
    expect(await harness.eventNamesOf(unlink)).toEqual([]);
    const { timeline } = await sessions.get(createCall(), id);
    expect(timeline.map((entry) => entry.type)).toEqual([
      'session_started',
      'task_started',
      'task_status_changed',
    ]);
  });

  it('[SE7] work on tasks of their own project only', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const other = await projectWithTasks(harness, 'B');
    const { sessions } = harness.services;
    await expect(
      sessions.create(createCall(), { projectId: project.id, taskIds: other.taskIds }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect((await sessions.list(createCall(), { limit: 10 }, false)).items).toEqual([]);
  });

  it('[SE8] go with their queue and every mention of them; their id starts anew', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const { sessions, tasks, sessionLogs } = harness.services;
    const input = { id: 'mine', projectId: project.id, taskIds, strategy: 'queue' } as const;
    await sessions.create(createCall(), input);
    await sessionLogs.recordActivity(createCall(), 'mine', { type: 'file_modified' });
    const names = await harness.eventNamesOf(() => sessions.remove(createCall(), 'mine'));
    expect(names).toEqual(['task:session_removed', 'queue:deleted', 'session:deleted', 'task:updated']);
    expect(await tasks.get(createCall(), taskIds[0] ?? '')).toMatchObject({
      sessionIds: [],
      taskSessionStatuses: {},
    });
    const again = await sessions.create(createCall(), { ...input, taskIds: [], strategy: 'simple' });
    expect(again).toMatchObject({ timelineCount: 1, eventsCount: 0, docsCount: 0 });
    await expect(harness.services.queues.get(createCall(), 'mine')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });

  it('[SE10] take the tokens that were bound to them along', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, tokens } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    const bound = await tokens.create(createCall(), { role: 'agent', sessionId: id });
    const other = await tokens.create(createCall(), { role: 'agent', projects: [project.id] });
    await sessions.remove(createCall(), id);
    const { items } = await tokens.list(createCall(), { limit: 10 });
    expect(items.map((token) => [token.id, token.revokedAt !== null])).toEqual([
      [bound.id, true],
      [other.id, false],
    ]);
  });

  it('[SE9] show the newest 20 entries of each log and how many there are', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    for (let i = 1; i <= 30; i++) {
      await sessionLogs.report(createCall(), id, { type: 'progress', message: `step ${i}` });
      await sessionLogs.recordActivity(createCall(), id, { type: 'file_modified', data: i });
      await sessionLogs.addDocument(createCall(), id, { title: `doc ${i}`, filePath: '/x', content: 'text' });
    }
    const session = await sessions.get(createCall(), id);
    expect(session).toMatchObject({ timelineCount: 61, eventsCount: 30, docsCount: 30 });
    expect(session.timeline).toHaveLength(20);
    expect(session.events.map((event) => event.data)).toEqual(Array.from({ length: 20 }, (_, i) => i + 11));
    expect(session.docs.map((doc) => doc.title)).toEqual(
      Array.from({ length: 20 }, (_, i) => `doc ${i + 11}`),
    );
    expect(session.docs[0]).not.toHaveProperty('content');
    expect(harness.events.at(-1)).toMatchObject({ name: 'session:updated', data: { timelineCount: 61 } });
  });

  it('[SE14] that wait for a person are found, and keep the question with its answer', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions } = harness.services;
    const [asking, silent] = await Promise.all(
      ['asking', 'silent'].map((name) =>
        sessions.create(createCall(), { projectId: project.id, taskIds: [], name }),
      ),
    );
    const id = asking?.id ?? '';
    const waiting = async (needsInput: string) =>
      (await sessions.list(createCall(), { limit: 10, where: { projectId: project.id, needsInput } }, false))
        .items;
    await sessions.update(createCall(), id, { needsInput: { active: true, message: 'Which star?' } });
    expect((await waiting('true')).map((session) => session.id)).toEqual([id]);
    expect((await waiting('false')).map((session) => session.id)).toEqual([silent?.id]);
    const since = harness.now();
    harness.advanceClock(5);
    const answered = await sessions.update(createCall(), id, {
      needsInput: { active: false, message: 'Vega' },
    });
    expect(answered.needsInput).toEqual({ active: false, message: 'Which star?', since, answer: 'Vega' });
    expect(await waiting('true')).toEqual([]);
    const cleared = await sessions.update(createCall(), id, { needsInput: { active: false } });
    expect(cleared.needsInput).toEqual({ active: false });
  });
});

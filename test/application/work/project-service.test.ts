import { describe, expect, it } from 'vitest';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

describe('projects', () => {
  it('[PJ1] are created, changed and deleted, each with an event on the workspace and on their own channel', async () => {
    const harness = openServices();
    const { projects } = harness.services;
    const { id } = await projects.create(createCall(), { name: 'P' });
    expect(await projects.get(createCall(), id)).toMatchObject({
      name: 'P',
      workingDir: '',
      description: '',
      version: 1,
    });
    await projects.update(createCall(), id, { description: 'D' });
    expect(await harness.eventNamesOf(() => projects.update(createCall(), id, { description: 'D' }))).toEqual(
      [],
    );
    expect(await projects.remove(createCall(), id, false)).toEqual({ success: true, id });
    expect(harness.events.map((event) => [event.stream.split(':')[0], event.name])).toEqual(
      ['project:created', 'project:updated', 'project:deleted'].flatMap((name) => [
        ['workspace', name],
        ['project', name],
      ]),
    );
  });

  it('[PJ2] that hold tasks or sessions are deleted only with all they hold', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A', 'B');
    const { projects, sessions, sessionLogs, tasks } = harness.services;
    const session = await sessions.create(createCall(), {
      projectId: project.id,
      taskIds,
      strategy: 'queue',
    });
    const document = { title: 'T', filePath: '/x', content: 'C', taskId: taskIds[0] };
    await sessionLogs.addDocument(createCall(), session.id, document);
    await expect(projects.remove(createCall(), project.id, false)).rejects.toMatchObject({
      code: 'BUSINESS_RULE_ERROR',
    });
    expect((await tasks.list(createCall(), { limit: 10 })).items).toHaveLength(2);

    const names = await harness.eventNamesOf(() => projects.remove(createCall(), project.id, true));
    expect(names.filter((name) => name === 'task:deleted')).toHaveLength(2);
    expect(names.filter((name) => name === 'session:deleted')).toHaveLength(1);
    await harness.store.read(async (reader) => {
      for (const kind of ['projects', 'tasks', 'sessions', 'queues', 'documents'] as const) {
        expect((await reader[kind].list({ limit: 10 })).items, kind).toEqual([]);
      }
      for (const log of ['timeline', 'activity', 'contents'] as const) {
        expect(await reader[log].count(session.id), log).toBe(0);
      }
    });
  });

  it('[PJ3] are never deleted under a task that is being created', async () => {
    const harness = openServices();
    for (let i = 0; i < 10; i++) {
      const { project } = await projectWithTasks(harness);
      const [create, remove] = await Promise.allSettled([
        harness.services.tasks.create(createCall(), project.id, { title: 'T' }),
        harness.services.projects.remove(createCall(), project.id, false),
      ]);
      expect([create?.status, remove?.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});

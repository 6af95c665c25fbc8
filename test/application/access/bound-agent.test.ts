import { describe, expect, it } from 'vitest';
import { admin, createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

describe('an agent bound to a session', () => {
  it('[AU20] reports on the tasks of its session, and changes nothing else', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A', 'B');
    const [a = '', b = ''] = taskIds;
    const { tasks, sessions, queues } = harness.services;
    const input = { projectId: project.id, taskIds: [a], strategy: 'queue' } as const;
    const mine = await sessions.create(createCall(), input);
    const theirs = await sessions.create(createCall(), { projectId: project.id, taskIds: [a] });
    const bound = { ...admin, role: 'agent', projects: new Set([project.id]), sessionId: mine.id } as const;
    const report = (task: string, sessionId: string) =>
      tasks.update(createCall(bound), task, { updateSource: 'session', sessionId, sessionStatus: 'working' });
    expect((await report(a, mine.id)).taskSessionStatuses).toEqual({ [mine.id]: 'working' });
    await expect(report(a, theirs.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(report(b, mine.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(tasks.update(createCall(bound), a, { status: 'completed' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(sessions.update(createCall(bound), theirs.id, { status: 'working' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(sessions.update(createCall(bound), mine.id, { taskIds: [a, b] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await sessions.update(createCall(bound), mine.id, { status: 'working' })).status).toBe('working');
    await expect(queues.push(createCall(bound), mine.id, b)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await queues.start(createCall(bound), mine.id, 0);
    await queues.skip(createCall(bound), mine.id);
    expect((await queues.push(createCall(bound), mine.id, a)).item.taskId).toBe(a);
  });
});

import { describe, expect, it } from 'vitest';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

describe('timelines and documents', () => {
  it('[DO1] pages of a timeline give every entry once, oldest first', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    for (let i = 1; i < 25; i++)
      await sessionLogs.report(createCall(), id, { type: 'progress', message: `${i}` });
    const seen: (string | undefined)[] = [];
    let after: { key: string | number; id: string } | undefined;
    do {
      const page = await sessionLogs.timeline(createCall(), id, { limit: 7, after });
      expect(page.total).toBe(25);
      seen.push(...page.items.map((entry) => entry.message));
      after = page.next ?? undefined;
    } while (after);
    expect(seen.slice(1)).toEqual(Array.from({ length: 24 }, (_, i) => `${i + 1}`));
  });

  it('[DO2] progress reports notify, each time', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const { id } = await harness.services.sessions.create(createCall(), { projectId: project.id, taskIds });
    const report = { type: 'progress', message: 'Half', taskId: taskIds[0] } as const;
    const names = () =>
      harness.eventNamesOf(() => harness.services.sessionLogs.report(createCall(), id, report));
    expect(await names()).toEqual(['notify:progress', 'session:updated']);
    expect(await names()).toEqual(['notify:progress', 'session:updated']);
    expect(harness.events.find((event) => event.name === 'notify:progress')?.data).toEqual({
      sessionId: id,
      projectId: project.id,
      taskId: taskIds[0],
      message: 'Half',
    });
  });

  it('[DO3] documents about a task survive their session, the others go with it', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const task = taskIds[0] ?? '';
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds, name: 'Writer' });
    await sessionLogs.addDocument(createCall(), id, {
      title: 'About',
      filePath: '/a',
      content: 'kept',
      taskId: task,
    });
    await sessionLogs.addDocument(createCall(), id, { title: 'Beside', filePath: '/b', content: 'gone' });
    expect(
      (await sessionLogs.documentsOfTask(createCall(), task, { limit: 10 })).items.map((d) => d.title),
    ).toEqual(['About', 'Beside']);
    await sessions.remove(createCall(), id);
    expect((await sessionLogs.documentsOfTask(createCall(), task, { limit: 10 })).items).toMatchObject([
      { title: 'About', content: 'kept', taskId: task, sessionId: id, sessionName: 'Writer', addedBy: id },
    ]);
    await harness.services.tasks.remove(createCall(), task);
    expect((await harness.store.read((r) => r.documents.list({ limit: 10 }))).items).toEqual([]);
    expect(await harness.store.read((r) => r.contents.count(id))).toBe(0);
  });

  it('[DO6] a document is added to a task as one of the session that wrote it, within their project', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const [task = ''] = taskIds;
    const other = await projectWithTasks(harness, 'B');
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [],
      name: 'Writer',
    });
    const input = { sessionId: id, title: 'About', filePath: '/a', content: 'kept' };
    const added = await sessionLogs.addTaskDocument(createCall(), task, input);
    expect(added).toMatchObject({ ...input, taskId: task, sessionName: 'Writer', addedBy: id });
    const { items } = await sessionLogs.documentsOfTask(createCall(), task, { limit: 10 });
    expect(items).toEqual([added]);
    expect(await sessions.get(createCall(), id)).toMatchObject({ docsCount: 1, docs: [{ title: 'About' }] });
    await expect(
      sessionLogs.addTaskDocument(createCall(), other.taskIds[0] ?? '', input),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    await expect(sessionLogs.addTaskDocument(createCall(), 'task_none', input)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const bound = { ...createCall().actor, role: 'agent', sessionId: 'sess_other' } as const;
    await expect(sessionLogs.addTaskDocument(createCall(bound), task, input)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('[DO4] documents of a session come with their content, page by page', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    for (let i = 0; i < 5; i++) {
      await sessionLogs.addDocument(createCall(), id, {
        title: `${i}`,
        filePath: '/x',
        content: `content ${i}`,
      });
    }
    const first = await sessionLogs.documentsOfSession(createCall(), id, { limit: 3 });
    const second = await sessionLogs.documentsOfSession(createCall(), id, {
      limit: 3,
      after: first.next ?? undefined,
    });
    expect([...first.items, ...second.items].map((doc) => doc.content)).toEqual(
      Array.from({ length: 5 }, (_, i) => `content ${i}`),
    );
    expect(second.next).toBeNull();
  });

  it('[DO5] a page of documents ends where its content grows beyond 16 MiB', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const { sessions, sessionLogs } = harness.services;
    const { id } = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    const content = 'x'.repeat(9 * 1024 * 1024);
    for (let i = 0; i < 2; i++)
      await sessionLogs.addDocument(createCall(), id, { title: `${i}`, filePath: '/x', content });
    const first = await sessionLogs.documentsOfSession(createCall(), id, { limit: 10 });
    expect(first.items).toHaveLength(1);
    const second = await sessionLogs.documentsOfSession(createCall(), id, {
      limit: 10,
      after: first.next ?? undefined,
    });
    expect(second.items.map((doc) => doc.title)).toEqual(['1']);
  });
});

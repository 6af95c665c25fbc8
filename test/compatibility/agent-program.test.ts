import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  accessModes,
  type ClientSend,
  expectError,
  expectSuccess,
  type OpenServer,
} from '../support/servers/existing-client.ts';
import { usesPostgres } from '../support/stores/configured-store.ts';
import { document, openAgentProgramScene, project, session, task, treeTask } from './agent-program-scene.ts';

const ok = z.unknown();

describe.each(accessModes)('[CO1] the agent program through %s', (name) => {
  let server: OpenServer;
  let send: ClientSend;
  let projectId: string;
  let taskId: string;
  let childId: string;
  let sessionId: string;
  beforeAll(async () => {
    ({ server, send, projectId, taskId, childId, sessionId } = await openAgentProgramScene(name));
  });
  afterAll(() => server.remove());

  const timeline = (body: unknown) => send('POST', `/sessions/${sessionId}/timeline`, body);
  const patchSession = (body: unknown) => send('PATCH', `/sessions/${sessionId}`, body);

  it('project list, get, create, delete', async () => {
    expect(expectSuccess(await send('GET', '/projects'), z.array(project)).map(({ id }) => id)).toContain(
      projectId,
    );
    expect(expectSuccess(await send('GET', `/projects/${projectId}`), project)).toMatchObject({
      workingDir: '/srv/sky',
    });
    const { id } = expectSuccess(await send('POST', '/projects', { name: 'Gone', workingDir: '' }), project);
    expectSuccess(await send('DELETE', `/projects/${id}`), ok);
    expectError(await send('GET', `/projects/${id}`), 404);
    expectError(await send('DELETE', `/projects/${projectId}`), 422);
    expectError(await send('POST', '/projects', { name: ' ', workingDir: '' }), 400);
  });

  it('status', async () => {
    const counted = z.array(z.object({ status: z.string(), priority: z.string() }));
    expect(expectSuccess(await send('GET', `/tasks?projectId=${projectId}`), counted).length).toBeGreaterThan(
      1,
    );
    expectSuccess(
      await send('GET', `/sessions?projectId=${projectId}`),
      z.array(z.object({ status: z.string() })).min(1),
    );
  });

  it('task list, get, children, tree', async () => {
    expectSuccess(await send('GET', '/tasks'), z.array(task).min(2));
    expect(
      expectSuccess(await send('GET', `/tasks?projectId=${projectId}`), z.array(treeTask)).map(
        ({ id }) => id,
      ),
    ).toEqual(expect.arrayContaining([taskId, childId]));
    const full = task.extend({
      description: z.string(),
      projectId: z.string(),
      dependencies: z.array(z.string()),
      taskSessionStatuses: z.record(z.string(), z.string()),
    });
    expect(expectSuccess(await send('GET', `/tasks/${taskId}`), full)).toMatchObject({
      id: taskId,
      title: 'Count',
    });
    const children = expectSuccess(await send('GET', `/tasks/${taskId}/children`), z.array(treeTask));
    expect(children).toMatchObject([{ id: childId, parentId: taskId }]);
    expect(expectSuccess(await send('GET', `/tasks/${childId}/children`), z.array(task))).toEqual([]);
    expectError(await send('GET', '/tasks/task_none'), 404);
  });

  it('task update, complete, block', async () => {
    for (const [change, status] of [
      [{ status: 'in_progress', priority: 'low', title: 'Count all' }, 'in_progress'],
      [{ status: 'completed' }, 'completed'],
      [{ status: 'blocked' }, 'blocked'],
    ] as const) {
      expect(expectSuccess(await send('PATCH', `/tasks/${taskId}`, change), task).status).toBe(status);
      const message = `Task status changed to ${status}`.padEnd(900, '.');
      expectSuccess(await timeline({ type: 'task_status_changed', message, taskId }), ok);
    }
  });

  it('task report progress, complete, blocked, error', async () => {
    for (const [sessionStatus, type] of [
      ['working', 'progress'],
      ['completed', 'task_completed'],
      ['blocked', 'task_blocked'],
      ['failed', 'error'],
    ] as const) {
      const report = { sessionStatus, updateSource: 'session', sessionId };
      const { taskSessionStatuses } = expectSuccess(
        await send('PATCH', `/tasks/${taskId}`, report),
        z.object({ taskSessionStatuses: z.record(z.string(), z.string()) }),
      );
      expect(taskSessionStatuses[sessionId]).toBe(sessionStatus);
      expectSuccess(await timeline({ type, message: 'Half', taskId }), ok);
    }
  });

  it('task docs and session docs: add, list', async () => {
    const add = { title: 'Notes', filePath: '/srv/sky/notes.md', content: 'x'.repeat(2_000_000) };
    expectSuccess(await send('POST', `/sessions/${sessionId}/docs`, { ...add, taskId }), ok);
    expectSuccess(await send('POST', `/sessions/${sessionId}/docs`, { ...add, content: '' }), ok);
    expect(expectSuccess(await send('GET', `/tasks/${taskId}/docs`), z.array(document)).length).toBe(2);
    expect(expectSuccess(await send('GET', `/sessions/${sessionId}/docs`), z.array(document)).length).toBe(2);
  });

  it('session list, info', async () => {
    const list = await send('GET', `/sessions?taskId=${taskId}&projectId=${projectId}`);
    expect(expectSuccess(list, z.array(session))).toMatchObject([{ id: sessionId, taskIds: [taskId] }]);
    expect(expectSuccess(await send('GET', `/sessions/${sessionId}`), session)).toMatchObject({
      name: 'Night',
    });
    expectError(await send('GET', '/sessions/session-none'), 404);
  });

  it('session spawn', async () => {
    const primaryTask = (await send('GET', `/tasks/${taskId}`)).body;
    const body = {
      ...{
        projectId,
        taskIds: [taskId],
        role: 'worker',
        spawnSource: 'session',
        sessionId,
        skills: ['maestro-worker'],
      },
      sessionName: 'Worker for Count',
      context: {
        primaryTask,
        relatedTasks: [],
        workflowSteps: ['Do it'],
        initialCommands: ['maestro whoami'],
        reason: 'r',
      },
    };
    const spawned = expectSuccess(
      await send('POST', '/sessions/spawn', body),
      z.object({ sessionId: z.string() }),
    );
    expectSuccess(
      await send('GET', `/sessions/${spawned.sessionId}`),
      session.extend({ status: z.literal('spawning') }),
    );
    expectError(await send('POST', '/sessions/spawn', { ...body, taskIds: ['task_none'] }), 404);
  });

  it('session register, complete, needs-input, resume-working: what its hooks send', async () => {
    const id = 'session-1770000000001-4e5f6a7b';
    expectError(await send('GET', `/sessions/${id}`), 404);
    const register = {
      ...{ id, projectId, taskIds: [taskId], name: 'Hooked', status: 'working', strategy: 'simple' },
      metadata: { role: 'worker' },
    };
    expectSuccess(await send('POST', '/sessions', register), session);
    expectSuccess(await send('GET', `/sessions/${id}`), session);
    const patch = (body: unknown) => send('PATCH', `/sessions/${id}`, body);
    expectSuccess(await patch({ status: 'working' }), ok);
    const now = Date.now();
    const waits = expectSuccess(
      await patch({
        needsInput: { active: true, message: 'Which?', since: now },
        timeline: [{ id: `evt-${now}`, type: 'needs_input', timestamp: now, message: 'Which?' }],
      }),
      z.object({
        needsInput: z.object({ active: z.boolean() }),
        timeline: z.array(z.object({ type: z.string() })),
      }),
    );
    expect([waits.needsInput.active, waits.timeline.at(-1)?.type]).toEqual([true, 'needs_input']);
    expectSuccess(await patch({ status: 'working', needsInput: { active: false } }), ok);
    expect(expectSuccess(await patch({ status: 'completed', completedAt: now }), session).status).toBe(
      'completed',
    );
    expect(
      expectSuccess(await patch({ status: 'working', needsInput: { active: false } }), session).status,
    ).toBe('working');
  });

  it('report progress, blocked, error, complete; track-file', async () => {
    for (const type of ['progress', 'task_blocked', 'error', 'task_completed']) {
      expectSuccess(await timeline({ type, message: 'Half' }), ok);
    }
    expectSuccess(await patchSession({ status: 'completed' }), ok);
    const data = { file: '/srv/sky/a.ts', timestamp: new Date().toISOString() };
    expectSuccess(await send('POST', `/sessions/${sessionId}/events`, { type: 'file_modified', data }), ok);
  });

  it('worker init, orchestrator init', async () => {
    expect(expectSuccess(await patchSession({ status: 'running' }), session).status).toBe('working');
    expectSuccess(await send('PATCH', `/tasks/${taskId}`, { status: 'in_progress' }), ok);
    const report = { sessionStatus: 'working', updateSource: 'session', sessionId };
    expectSuccess(await send('PATCH', `/tasks/${taskId}`, report), ok);
  });

  it('whoami and the prompt of a spawned agent: tasks that are referred to, and their documents', async () => {
    expectSuccess(
      await send('GET', `/tasks/${childId}`),
      z.object({ title: z.string(), description: z.string() }),
    );
    expectSuccess(
      await send('GET', `/tasks/${childId}/docs`),
      z.array(z.object({ title: z.string(), filePath: z.string() })),
    );
    for (const path of ['/templates/role/worker', '/templates/tmpl_default_orchestrator']) {
      expectSuccess(await send('GET', path), z.object({ id: z.string(), content: z.string() }));
    }
  });

  it.skipIf(usesPostgres)(
    'manifest generate: the files of the data folder, and where the server is',
    async () => {
      const { dataDir } = server;
      expect(new URL(await readFile(join(dataDir, 'server-url'), 'utf8')).hostname).toBe('127.0.0.1');
      await server.stop();
      const file = async (path: string) => JSON.parse(await readFile(join(dataDir, path), 'utf8'));
      expect(await file(`projects/${projectId}.json`)).toMatchObject({
        id: projectId,
        workingDir: '/srv/sky',
      });
      z.object({
        ...{ id: z.string(), title: z.string(), description: z.string(), projectId: z.string() },
        ...{
          createdAt: z.int(),
          parentId: z.string().nullable(),
          dependencies: z.array(z.string()),
          priority: z.string(),
        },
      }).parse(await file(`tasks/${projectId}/${childId}.json`));
      expect(await file(`sessions/${sessionId}.json`)).toMatchObject({ id: sessionId, projectId });
    },
  );
});

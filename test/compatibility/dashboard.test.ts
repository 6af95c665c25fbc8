import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  accessModes,
  type ClientSend,
  dashboardClient,
  dashboardOrigin,
  expectError,
  expectSuccess,
  type OpenServer,
  startServerWithAccess,
} from '../support/servers/existing-client.ts';
import { type AnyFrame, openTestSocket } from '../support/servers/test-socket.ts';

const strings = z.array(z.string());
const instant = z.int().nullable();
const project = z.object({
  ...{ id: z.string(), name: z.string(), workingDir: z.string() },
  ...{ createdAt: z.int(), updatedAt: z.int() },
});
const task = z.object({
  ...{ id: z.string(), projectId: z.string(), parentId: z.string().nullable(), title: z.string() },
  ...{
    description: z.string(),
    status: z.string(),
    priority: z.string(),
    updatedAt: z.int(),
    createdAt: z.int(),
  },
  ...{
    startedAt: instant,
    completedAt: instant,
    sessionIds: strings,
    skillIds: strings,
    referenceTaskIds: strings,
  },
  ...{ model: z.string().optional(), agentTool: z.string().optional(), pinned: z.boolean().optional() },
  taskSessionStatuses: z.record(z.string(), z.string()).optional(),
});
const session = z.object({
  ...{ id: z.string(), projectId: z.string(), taskIds: strings, name: z.string(), status: z.string() },
  ...{ strategy: z.string(), startedAt: z.int(), lastActivity: z.int(), completedAt: instant },
  ...{ hostname: z.string(), platform: z.string(), env: z.record(z.string(), z.string()) },
  ...{ events: z.array(z.unknown()), timeline: z.array(z.unknown()), docs: z.array(z.unknown()) },
  needsInput: z.object({ active: z.boolean() }).optional(),
});
const template = z.object({
  ...{ id: z.string(), name: z.string(), role: z.string(), content: z.string() },
  ...{ isDefault: z.boolean(), updatedAt: z.int() },
});
const ok = z.unknown();

describe.each(accessModes)('[CO2] the dashboard through %s', (name) => {
  let server: OpenServer;
  let send: ClientSend;
  let projectId: string;
  let taskId: string;
  beforeAll(async () => {
    server = await startServerWithAccess(name);
    send = dashboardClient(server.url);
    const now = Date.now();
    const sky = { name: 'Sky', workingDir: '/srv/sky', description: '', createdAt: now, updatedAt: now };
    projectId = expectSuccess(await send('POST', '/projects', sky), project).id;
    const ask = { projectId, title: 'Count', description: '', priority: 'medium' };
    taskId = expectSuccess(await send('POST', '/tasks', ask), task).id;
  });
  afterAll(() => server.remove());

  const isFollowed = ({ type, channel }: AnyFrame) =>
    type === 'subscribed' && channel === `project:${projectId}`;
  const makeSession = async () => {
    const made = await send('POST', '/sessions', { projectId, taskIds: [], name: 'Terminal' });
    return expectSuccess(made, session).id;
  };

  it('projects', async () => {
    expectSuccess(await send('GET', '/projects'), z.array(project).min(1));
    expectSuccess(await send('GET', `/projects/${projectId}`), project);
    const change = { name: 'Wide sky', workingDir: '/srv/sky' };
    expect(expectSuccess(await send('PUT', `/projects/${projectId}`, change), project).name).toBe('Wide sky');
    const { id } = expectSuccess(await send('POST', '/projects', { ...change, description: '' }), project);
    expectSuccess(await send('DELETE', `/projects/${id}`), ok);
    expectError(await send('DELETE', `/projects/${projectId}`), 422);
  });

  it('tasks', async () => {
    expectSuccess(await send('GET', '/tasks'), z.array(task).min(1));
    expectSuccess(await send('GET', `/tasks?projectId=${projectId}`), z.array(task).min(1));
    const { id } = expectSuccess(
      await send('POST', '/tasks', {
        ...{
          projectId,
          title: 'Part',
          description: 'All',
          priority: 'high',
          parentId: taskId,
          skillIds: ['count'],
        },
        ...{ referenceTaskIds: [taskId], model: 'gpt-5.3-codex', agentTool: 'codex' },
      }),
      task,
    );
    const now = Date.now();
    for (const change of [
      { title: 'Renamed' },
      { description: '' },
      { priority: 'low' },
      { status: 'in_progress', startedAt: now },
      { status: 'completed', completedAt: now },
      { status: 'archived' },
      { agentTool: 'gemini', model: 'gemini-3-pro-preview' },
      { skillIds: [], referenceTaskIds: [] },
      { pinned: true },
    ]) {
      expectSuccess(await send('PATCH', `/tasks/${id}`, change), task);
    }
    expect(expectSuccess(await send('GET', `/tasks/${id}`), task)).toMatchObject({
      ...{ title: 'Renamed', status: 'archived', agentTool: 'gemini', pinned: true, skillIds: [] },
    });
    expectSuccess(await send('DELETE', `/tasks/${id}`), ok);
  });

  it('sessions', async () => {
    const id = await makeSession();
    expectSuccess(await send('POST', `/sessions/${id}/tasks/${taskId}`), ok);
    expectSuccess(await send('GET', '/sessions'), z.array(session).min(1));
    expect(
      expectSuccess(await send('GET', `/sessions?taskId=${taskId}`), z.array(session)).map((one) => one.id),
    ).toContain(id);
    expect(expectSuccess(await send('GET', `/sessions/${id}`), session).taskIds).toEqual([taskId]);
    expectSuccess(await send('PATCH', `/sessions/${id}`, { needsInput: { active: false } }), ok);
    expectSuccess(await send('DELETE', `/sessions/${id}/tasks/${taskId}`), ok);
    const end = (status: string) => send('PATCH', `/sessions/${id}`, { status, completedAt: Date.now() });
    expect(expectSuccess(await end('stopped'), session).status).toBe('stopped');
    const other = await makeSession();
    expectSuccess(
      await send('PATCH', `/sessions/${other}`, { status: 'completed', completedAt: Date.now() }),
      session,
    );
    const swept = await send('PATCH', `/sessions/${other}`, { status: 'stopped', completedAt: Date.now() });
    expect(expectSuccess(swept, session).status).toBe('completed');
    expectSuccess(await send('DELETE', `/sessions/${other}`), ok);
  });

  it('spawning, of which the terminal hears on the socket', async () => {
    const socket = await openTestSocket(server.socketUrl, { path: '', headers: { origin: dashboardOrigin } });
    await socket.waitForFrame(isFollowed);
    const body = {
      ...{
        projectId,
        taskIds: [taskId],
        role: 'worker',
        strategy: 'simple',
        spawnSource: 'ui',
        sessionName: 'Worker',
      },
      ...{ skills: ['claude'], model: 'sonnet', agentTool: 'claude-code' },
    };
    const answer = z.object({ sessionId: z.string(), manifestPath: z.string() });
    const { sessionId } = expectSuccess(await send('POST', '/sessions/spawn', body), answer);
    const { event, data } = await socket.waitForFrame((frame) => frame.type === 'session:spawn');
    expect(event).toBe('session:spawn');
    z.object({
      session: z.object({ id: z.literal(sessionId), name: z.literal('Worker') }),
      ...{ command: z.string().min(1), cwd: z.literal('/srv/sky'), projectId: z.literal(projectId) },
      envVars: z.record(z.string(), z.string()),
    }).parse(data);
    socket.terminate();
    const lead = { ...body, role: 'orchestrator', orchestratorStrategy: 'dag', strategy: 'queue' };
    expectSuccess(await send('POST', '/sessions/spawn', lead), answer);
  });

  it('documents of tasks', async () => {
    const id = await makeSession();
    const add = { title: 'Notes', filePath: '/srv/sky/notes.md', content: 'Text', taskId };
    expectSuccess(await send('POST', `/sessions/${id}/docs`, add), ok);
    const document = z.object({
      ...{ id: z.string(), title: z.string(), filePath: z.string(), content: z.literal('Text') },
      ...{ addedAt: z.int(), sessionId: z.literal(id), sessionName: z.literal('Terminal') },
    });
    expectSuccess(await send('GET', `/tasks/${taskId}/docs`), z.array(document).length(1));
  });

  it('skills', async () => {
    await mkdir(join(server.skillsDir, 'count'), { recursive: true });
    const file = '---\nname: Count\ndescription: Counts.\ntags: [night]\n---\nBegin at the pole.\n';
    await writeFile(join(server.skillsDir, 'count', 'SKILL.md'), file);
    const skill = z.object({
      ...{ id: z.string(), name: z.string(), description: z.string(), content: z.string() },
      ...{ triggers: strings.optional(), tags: strings.optional() },
    });
    expect(expectSuccess(await send('GET', '/skills'), z.array(skill))).toMatchObject([
      { id: 'count', tags: ['night'] },
    ]);
  });

  it('templates', async () => {
    const list = expectSuccess(await send('GET', '/templates'), z.array(template));
    expect(list.map(({ role }) => role).sort()).toEqual(['orchestrator', 'worker']);
    const path = `/templates/${list[0]?.id}`;
    expect(expectSuccess(await send('PUT', path, { name: 'Mine', content: 'Work.' }), template).content).toBe(
      'Work.',
    );
    expect(expectSuccess(await send('PUT', path, { content: 'Work well.' }), template).name).toBe('Mine');
    expect(expectSuccess(await send('POST', `${path}/reset`), template).content).toBe(list[0]?.content);
  });

  it('events on a socket that sends nothing: whole entities, by the names it knows', async () => {
    const socket = await openTestSocket(server.socketUrl, { path: '', headers: { origin: dashboardOrigin } });
    const received = async (name: string, schema: z.ZodType, work: () => Promise<unknown>) => {
      const after = socket.frames.length;
      const [frame] = await Promise.all([
        socket.waitForFrame((one: AnyFrame) => one.event === name && socket.frames.indexOf(one) >= after),
        work(),
      ]);
      expect(frame).toMatchObject({ type: name, timestamp: expect.any(Number) });
      return schema.parse(frame.data) as { readonly id: string };
    };
    await socket.waitForFrame(isFollowed);
    const ask = { projectId, title: 'Heard', description: '', priority: 'low' };
    const { id } = await received('task:created', task, () => send('POST', '/tasks', ask));
    await received('task:updated', task, () => send('PATCH', `/tasks/${id}`, { title: 'Renamed' }));
    const make = { projectId, taskIds: [], name: 'Heard' };
    const one = await received('session:created', session, () => send('POST', '/sessions', make));
    const link = z.object({ taskId: z.literal(id), sessionId: z.literal(one.id) });
    const path = `/sessions/${one.id}/tasks/${id}`;
    await received('task:session_added', link, () => send('POST', path));
    await received('session:task_removed', link, () => send('DELETE', path));
    await received('session:updated', session, () =>
      send('PATCH', `/sessions/${one.id}`, { status: 'working' }),
    );
    const waits = { needsInput: { active: true, message: 'Which?' } };
    await received('notify:needs_input', ok, () => send('PATCH', `/sessions/${one.id}`, waits));
    const gone = z.object({ id: z.string() });
    await received('session:deleted', gone, () => send('DELETE', `/sessions/${one.id}`));
    await received('task:deleted', gone, () => send('DELETE', `/tasks/${id}`));
    socket.terminate();
  });
});

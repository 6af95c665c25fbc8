import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { projectWithTasks } from '../../support/services/service-harness.ts';

describe('[AU31] an orchestrator, with the token of its session,', () => {
  let http: HttpHarness;
  let admin: string;
  let lead: string;
  let projectId: string;
  let own: string;
  let foreign: string;
  let sessionId: string;
  const send = (method: string, path: string, body?: unknown, token = lead) =>
    http.send(method, `/api${path}`, { token, body });
  const spawn = (more: object, token = lead) =>
    send('POST', '/sessions/spawn', { projectId, role: 'worker', ...more }, token);
  const tokenOf = (id: string) => http.createToken({ role: 'agent', projects: [projectId], sessionId: id });
  const createTask = async (parentId: string | null, token = lead) =>
    send('POST', '/tasks', { projectId, parentId, title: 'Part' }, token);
  const isForbidden = async (sent: Promise<{ status: number; body: { code: string } }>) => {
    const { status, body } = await sent;
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
  };

  beforeAll(async () => {
    http = await startHttp();
    admin = await http.createToken({ role: 'admin', projects: ['*'] });
    const { project, taskIds } = await projectWithTasks(http, 'Own', 'Foreign');
    projectId = project.id;
    [own = '', foreign = ''] = taskIds;
    sessionId = (await spawn({ taskIds: [own], role: 'orchestrator' }, admin)).body.sessionId;
    lead = await tokenOf(sessionId);
  });
  afterAll(() => http.stop());

  it('creates tasks below its own, spawns sessions for them, links them and sees them completed', async () => {
    const first = await createTask(own);
    expect(first.status).toBe(201);
    const second = await createTask(first.body.id);
    expect(second.status).toBe(201);
    const part: string = second.body.id;
    const change = { title: 'Second', dependencies: [foreign], priority: 'high' };
    expect((await send('PATCH', `/tasks/${part}`, change)).body).toMatchObject(change);
    const spawned = await spawn({ taskIds: [first.body.id] });
    expect(spawned.status).toBe(201);
    const link = `/sessions/${spawned.body.sessionId}/tasks/${part}`;
    expect((await send('POST', link)).body.taskIds).toEqual([first.body.id, part]);
    const worker = await tokenOf(spawned.body.sessionId);
    const report = {
      updateSource: 'session',
      sessionId: spawned.body.sessionId,
      sessionStatus: 'completed',
    };
    expect((await send('PATCH', `/tasks/${part}`, report, worker)).status).toBe(200);
    expect((await send('GET', `/tasks/${first.body.id}/children`)).body).toMatchObject([
      { id: part, status: 'completed' },
    ]);
    expect((await send('DELETE', link)).status).toBe(200);
    expect((await send('PATCH', `/tasks/${part}`, { parentId: own })).status).toBe(200);
  });

  it('works on no task that is not its own or below, and only reports on its own', async () => {
    const part: string = (await createTask(own)).body.id;
    const below: string = (await createTask(foreign, admin)).body.id;
    for (const parentId of [null, foreign, below]) await isForbidden(createTask(parentId));
    for (const parentId of [null, foreign]) await isForbidden(send('PATCH', `/tasks/${part}`, { parentId }));
    for (const id of [own, foreign, below])
      await isForbidden(send('PATCH', `/tasks/${id}`, { status: 'completed' }));
    await isForbidden(send('PATCH', `/tasks/${below}`, { parentId: own }));
    const report = { updateSource: 'session', sessionId, sessionStatus: 'working' };
    await isForbidden(send('PATCH', `/tasks/${foreign}`, report));
    expect((await send('PATCH', `/tasks/${own}`, report)).status).toBe(200);
    for (const id of [foreign, below]) await isForbidden(spawn({ taskIds: [id] }));
    for (const id of [own, part, foreign]) await isForbidden(send('DELETE', `/tasks/${id}`));
  });

  it('changes no work of another session', async () => {
    const part: string = (await createTask(own)).body.id;
    const other: string = (await spawn({ taskIds: [foreign] }, admin)).body.sessionId;
    const mine: string = (await spawn({ taskIds: [part] })).body.sessionId;
    await isForbidden(send('POST', `/sessions/${other}/tasks/${part}`));
    await isForbidden(send('DELETE', `/sessions/${other}/tasks/${foreign}`));
    await isForbidden(send('POST', `/sessions/${mine}/tasks/${foreign}`));
    await isForbidden(send('PATCH', `/tasks/${part}`, { sessionIds: [] }));
    await isForbidden(send('PATCH', `/tasks/${part}`, { taskSessionStatuses: { [mine]: 'completed' } }));
    const report = { updateSource: 'session', sessionId: mine, sessionStatus: 'completed' };
    await isForbidden(send('PATCH', `/tasks/${part}`, report));
    for (const id of [other, mine]) {
      await isForbidden(send('PATCH', `/sessions/${id}`, { status: 'completed' }));
      await isForbidden(send('DELETE', `/sessions/${id}`));
    }
    await isForbidden(send('POST', '/sessions', { projectId, taskIds: [part] }));
  });

  it('hands on no more than it has: what it spawned leads below its own tasks, and a worker nothing', async () => {
    const part: string = (await createTask(own)).body.id;
    const lower: string = (await spawn({ taskIds: [part], role: 'orchestrator' })).body.sessionId;
    const lowerToken = await tokenOf(lower);
    expect((await createTask(part, lowerToken)).status).toBe(201);
    await isForbidden(createTask(own, lowerToken));
    const worker = await tokenOf((await spawn({ taskIds: [part], sessionName: 'W' })).body.sessionId);
    await isForbidden(createTask(part, worker));
    await isForbidden(send('PATCH', `/tasks/${part}`, { title: 'Mine' }, worker));
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';

describe('POST /api/sessions/spawn', () => {
  let http: HttpHarness;
  let token: string;
  let projectId: string;
  let taskId: string;
  beforeAll(async () => {
    http = await startHttp();
    token = await http.createToken({ role: 'admin', projects: ['*'] });
    const { project, taskIds } = await projectWithTasks(http, 'One');
    projectId = project.id;
    taskId = taskIds[0] ?? '';
  });
  afterAll(() => http.stop());

  const spawn = (body: unknown, headers = {}) =>
    http.send('POST', '/api/sessions/spawn', { token, body, headers });

  it('[SP1] tells what is wrong in the codes that clients know, in their order, and creates nothing', async () => {
    const good = { projectId, taskIds: [taskId] };
    const rows: [object, number, string][] = [
      [{}, 400, 'missing_project_id'],
      [{ taskIds: 'abc', spawnSource: 'x', role: 'x' }, 400, 'missing_project_id'],
      [{ projectId, taskIds: 'abc', spawnSource: 'x' }, 400, 'invalid_task_ids'],
      [{ projectId, taskIds: [], role: 'x' }, 400, 'invalid_task_ids'],
      [{ projectId, role: 'x' }, 400, 'invalid_task_ids'],
      [{ ...good, spawnSource: 'x', role: 'x' }, 400, 'invalid_spawn_source'],
      [{ ...good, spawnSource: 'session', role: 'x' }, 400, 'missing_session_id'],
      [{ ...good, spawnSource: 'session', sessionId: 'nope' }, 404, 'parent_session_not_found'],
      [{ ...good, sessionId: 'nope', taskIds: ['nope'] }, 404, 'parent_session_not_found'],
      [{ ...good, role: 'boss', strategy: 'x' }, 400, 'invalid_role'],
      [{ ...good, mode: 'boss', strategy: 'x' }, 400, 'invalid_role'],
      [{ ...good, projectId: 'nope', taskIds: ['nope'] }, 404, 'task_not_found'],
      [{ ...good, projectId: 'nope' }, 404, 'project_not_found'],
      [{ ...good, orchestratorStrategy: 'x', strategy: 'x' }, 400, 'invalid_orchestrator_strategy'],
      [{ ...good, strategy: 'forest' }, 400, 'invalid_strategy'],
      [{ ...good, agentTool: 'x' }, 400, 'VALIDATION_ERROR'],
      [{ ...good, sesionName: 'x' }, 400, 'VALIDATION_ERROR'],
    ];
    const before = http.events.length;
    for (const [body, status, code] of rows) {
      const reply = await spawn(body);
      expect(reply, JSON.stringify(body)).toMatchObject({
        status,
        body: { error: true, statusCode: status, code, message: expect.any(String) },
      });
    }
    expect(http.events).toHaveLength(before);
    expect(http.manifests.size).toBe(0);
  });

  it('[SP1] takes what the clients send, and what they send in vain', async () => {
    const reply = await spawn({
      projectId,
      taskIds: [taskId],
      role: 'orchestrator',
      strategy: 'simple',
      orchestratorStrategy: 'dag',
      spawnSource: 'ui',
      sessionName: '',
      skills: ['claude', ''],
      model: 'gpt-5.3-codex',
      agentTool: 'codex',
      spawnedBy: 'sess_x',
    });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        success: true,
        sessionId: expect.stringMatching(/^sess_/),
        manifestPath: expect.stringContaining('manifest.json'),
        message: expect.any(String),
        session: {
          name: `Orchestrator for ${taskId}`,
          metadata: { spawnedBy: null, skills: ['claude'], orchestratorStrategy: 'dag' },
        },
      },
    });
    expect(reply.headers.get('location')).toBe(`/api/sessions/${reply.body.sessionId}`);
    expect(http.manifests.get(reply.body.sessionId)).toMatchObject({
      role: 'orchestrator',
      orchestratorStrategy: 'dag',
      agentTool: 'codex',
      skills: ['claude'],
      session: { model: 'gpt-5.3-codex' },
    });
    const { body: seen } = await http.send('GET', `/api/sessions/${reply.body.sessionId}`, { token });
    expect(JSON.stringify(seen)).not.toContain('signed:');
    expect(JSON.stringify(http.events)).not.toContain('signed:');
  });

  it('[SP17] takes the role, model and tool of newer agent programs from `mode` and `launchConfig`', async () => {
    const { id } = await http.services.tasks.create(createCall(), projectId, { title: 'Newer' });
    const good = { projectId, taskIds: [id] };
    const launchConfig = {
      ...{ provider: 'openai', model: 'gpt-5.3-codex' },
      ...{ reasoningEffort: 'high', speed: 'fast', accessMode: 'acceptEdits' },
    };
    const rows: [object, object][] = [
      [{ mode: 'execute' }, { role: 'worker' }],
      [{ mode: 'coordinated-worker' }, { role: 'worker' }],
      [{ mode: 'coordinator' }, { role: 'orchestrator' }],
      [{ mode: 'coordinate' }, { role: 'orchestrator' }],
      [{ mode: 'coordinator', role: 'worker' }, { role: 'worker' }],
      [{ launchConfig }, { agentTool: 'codex', session: { model: 'gpt-5.3-codex' } }],
      [{ launchConfig: { provider: 'hermes', model: 'm' } }, { session: { model: 'm' } }],
      [
        { launchConfig, model: 'opus', agentTool: 'gemini' },
        { agentTool: 'gemini', session: { model: 'opus' } },
      ],
    ];
    for (const [sent, manifest] of rows) {
      const { status, body } = await spawn({ ...good, ...sent });
      expect(status, JSON.stringify(body)).toBe(201);
      expect(http.manifests.get(body.sessionId), JSON.stringify(sent)).toMatchObject(manifest);
    }
    expect((await spawn({ ...good, launchConfig: { model: 5 } })).status).toBe(400);
  });

  it('[SP4] says of a retry that it is one', async () => {
    const { id } = await http.services.tasks.create(createCall(), projectId, { title: 'Keyed' });
    const headers = { 'idempotency-key': 'k1' };
    const first = await spawn({ projectId, taskIds: [id] }, headers);
    const retry = await spawn({ projectId, taskIds: [id] }, headers);
    expect(retry.body).toEqual(first.body);
    expect(retry.headers.get('idempotency-replayed')).toBe('true');
    expect((await spawn({ projectId, taskIds: [id], model: 'x' }, headers)).body.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  it('[SP12] a bound token is refused from the moment that its session has failed', async () => {
    const { body } = await spawn({ projectId, taskIds: [taskId], model: 'm' });
    const bound = await http.createToken({ role: 'agent', projects: [projectId], sessionId: body.sessionId });
    const path = `/api/sessions/${body.sessionId}`;
    const patch = (status: string, by: string) => http.send('PATCH', path, { token: by, body: { status } });
    expect((await patch('working', bound)).status).toBe(200);
    expect((await patch('failed', bound)).status).toBe(200);
    expect(await patch('working', bound)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    expect((await http.send('GET', path, { token: bound })).status).toBe(401);
    expect((await patch('working', token)).status).toBe(200);
    expect((await http.send('GET', path, { token: bound })).status).toBe(200);
  });
});

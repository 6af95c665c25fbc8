import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFixture } from '../support/samples/endpoint-samples.ts';
import { type HttpHarness, startHttp } from '../support/servers/start-http.ts';
import { createCall } from '../support/services/service-harness.ts';

describe('defects that must not come back, over HTTP', () => {
  let http: HttpHarness;
  let token: string;
  beforeAll(async () => {
    http = await startHttp();
    token = await http.createToken({ role: 'admin', projects: ['*'] });
  });
  afterAll(() => http.stop());

  const send = (method: string, path: string, body?: unknown) => http.send(method, path, { token, body });
  const fixture = () => makeFixture(http.services);

  it('[HD1] no id reaches a path of the disk unchecked', async () => {
    const { projectId } = await fixture();
    for (const id of [
      '../../pwned',
      `../projects/${projectId}`,
      'a/b',
      'a\\b',
      '.',
      '',
      'x'.repeat(129),
      'a\u0000',
    ]) {
      expect((await send('POST', '/api/sessions', { id, projectId, taskIds: [] })).status).toBe(400);
    }
    for (const id of [`..%2Fprojects%2F${projectId}`, '%2e%2e%2fx', 'a%00b']) {
      expect((await send('DELETE', `/api/sessions/${id}`)).status).toBe(400);
      expect((await send('GET', `/api/tasks/${id}`)).status).toBe(400);
    }
    expect((await send('GET', `/api/projects/${projectId}`)).status).toBe(200);
  });

  it('[HD2] a body with an unknown field is rejected, and the error suggests the closest known name', async () => {
    const { projectId, taskId } = await fixture();
    const put = await send('PUT', `/api/projects/${projectId}`, { foo: 'bar' });
    expect(put).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    const patch = await send('PATCH', `/api/tasks/${taskId}`, { titel: 'x' });
    expect(patch.status).toBe(400);
    expect(JSON.stringify(patch.body)).toMatch(/titel.*title/);
    const query = await send('GET', '/api/tasks?projectid=x');
    expect(query.status).toBe(400);
    expect(JSON.stringify(query.body)).toMatch(/projectid.*projectId/);
  });

  it('[HD3] what old clients send though it means nothing is accepted and changes nothing', async () => {
    const { projectId, taskId, sessionId } = await fixture();
    expect(
      (
        await send('POST', '/api/projects', {
          name: 'P',
          description: '',
          workingDir: '',
          createdAt: 1,
          updatedAt: 2,
        })
      ).status,
    ).toBe(201);
    const task = await send('PATCH', `/api/tasks/${taskId}`, {
      pinned: true,
      completedAt: 5,
      startedAt: null,
    });
    expect(task).toMatchObject({ status: 200, body: { pinned: true, completedAt: null } });
    const legacy = {
      projectId,
      taskId,
      _suppressCreatedEvent: true,
      status: 'running',
      metadata: { role: 'worker' },
    };
    const session = await send('POST', '/api/sessions', legacy);
    expect(session).toMatchObject({ status: 201, body: { taskIds: [taskId], status: 'working' } });
    const ended = await send('PATCH', `/api/sessions/${sessionId}`, {
      status: 'completed',
      completedAt: '2026-01-01',
    });
    expect(ended).toMatchObject({ status: 200, body: { status: 'completed' } });
    expect(ended.body.completedAt).toBeTypeOf('number');
  });

  it('[HD4] null and other wrong types are rejected, and nothing is applied in part', async () => {
    const { sessionId, taskId } = await fixture();
    for (const body of [
      { taskIds: null },
      { timeline: [null] },
      { status: 'failed', events: 5 },
      { env: [] },
      [],
    ]) {
      expect((await send('PATCH', `/api/sessions/${sessionId}`, body)).status).toBe(400);
    }
    expect((await send('GET', `/api/sessions/${sessionId}`)).body).toMatchObject({
      status: 'idle',
      version: 1,
    });
    expect((await send('PATCH', `/api/tasks/${taskId}`, { sessionIds: null })).status).toBe(400);
    expect((await send('GET', `/api/sessions?taskId=${taskId}`)).status).toBe(200);
  });

  it('[HD5] a status is one of those there are', async () => {
    const { sessionId, taskId } = await fixture();
    const session = await send('PATCH', `/api/sessions/${sessionId}`, { status: 'banana' });
    expect(session.status).toBe(400);
    expect(session.body.message + JSON.stringify(session.body.details)).toContain('working');
    expect((await send('PATCH', `/api/tasks/${taskId}`, { status: 'banana' })).status).toBe(400);
    expect((await send('GET', '/api/tasks?status=banana')).status).toBe(400);
  });

  it('[HD6] active sessions are those that have not ended', async () => {
    const { projectId, sessionId, spawnedId } = await fixture();
    for (const id of [sessionId, spawnedId])
      await send('PATCH', `/api/sessions/${id}`, { status: 'stopped' });
    const { body: working } = await send('POST', '/api/sessions', {
      projectId,
      taskIds: [],
      status: 'working',
    });
    const active = await send('GET', `/api/sessions?projectId=${projectId}&active=true`);
    expect(active.body.map((session: { id: string }) => session.id)).toEqual([working.id]);
    const stopped = await send('GET', `/api/sessions?projectId=${projectId}&active=true&status=stopped`);
    expect(stopped.body).toEqual([]);
  });

  it('[HD7] a missing body is an empty one where none is needed', async () => {
    const { sessionId } = await fixture();
    expect((await send('POST', `/api/sessions/${sessionId}/queue/start`)).status).toBe(200);
    const failed = await http.send('POST', `/api/sessions/${sessionId}/queue/fail`, {
      token,
      headers: { 'content-type': 'application/json' },
    });
    expect(failed.status).toBe(200);
  });

  it('[HD8] what is named twice is in conflict, and a known conflict is a 409', async () => {
    const { sessionId, projectId, taskId } = await fixture();
    const again = await send('POST', '/api/sessions', { id: sessionId, projectId, taskIds: [] });
    expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } });
    const queued = await send('POST', `/api/sessions/${sessionId}/queue/push`, { taskId });
    expect(queued).toMatchObject({ status: 409, body: { code: 'ALREADY_QUEUED' } });
    const idle = await send('POST', `/api/sessions/${sessionId}/queue/complete`);
    expect(idle).toMatchObject({ status: 409, body: { code: 'QUEUE_IDLE' } });
    await send('POST', `/api/sessions/${sessionId}/queue/start`);
    const busy = await send('POST', `/api/sessions/${sessionId}/queue/start`);
    expect(busy).toMatchObject({ status: 409, body: { code: 'QUEUE_BUSY', details: { item: { taskId } } } });
    const full = await send('DELETE', `/api/projects/${projectId}`);
    expect(full).toMatchObject({ status: 422, body: { code: 'BUSINESS_RULE_ERROR' } });
  });

  it('[HD9] secrets in the environment of a session are rejected and never stored', async () => {
    const { projectId, sessionId } = await fixture();
    for (const env of [{ ANTHROPIC_API_KEY: 'x' }, { MAESTRO_TOKEN: 'x' }, { PATH: '/bin' }]) {
      expect((await send('POST', '/api/sessions', { projectId, taskIds: [], env })).status).toBe(400);
      expect((await send('PATCH', `/api/sessions/${sessionId}`, { env })).status).toBe(400);
    }
    const env = { MAESTRO_SESSION_ID: 's', DATA_DIR: '/data' };
    expect((await send('PATCH', `/api/sessions/${sessionId}`, { env })).body.env).toEqual(env);
  });

  it('[HD10] a stale If-Match changes nothing and tells the version', async () => {
    const { taskId } = await fixture();
    const first = await send('GET', `/api/tasks/${taskId}`);
    const etag = first.headers.get('etag') ?? '';
    const patch = (title: string) =>
      http.send('PATCH', `/api/tasks/${taskId}`, { token, body: { title }, headers: { 'if-match': etag } });
    const changed = await patch('Mine');
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
    expect(await patch('Yours')).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } });
    expect((await send('GET', `/api/tasks/${taskId}`)).body.title).toBe('Mine');
  });

  it('[HD11] a page of 50 tasks in the compact view stays under 8 KB, whatever the tasks hold', async () => {
    const { projectId } = await fixture();
    for (let i = 0; i < 50; i++) {
      const input = { title: `Task ${i} with a rather long title `.repeat(9), description: 'x'.repeat(5000) };
      await http.services.tasks.create(createCall(), projectId, { ...input, labels: ['label'] });
    }
    const page = await send('GET', `/api/tasks?projectId=${projectId}&view=compact&limit=50&sort=-createdAt`);
    expect(page.body).toHaveLength(50);
    expect(Buffer.byteLength(JSON.stringify(page.body))).toBeLessThan(8192);
  });

  it('[HD12] the answers to two changes at a time each show their own, and the log both', async () => {
    const { taskId } = await fixture();
    const [title, labels] = await Promise.all([
      send('PATCH', `/api/tasks/${taskId}`, { title: 'Changed' }),
      send('PATCH', `/api/tasks/${taskId}`, { labels: ['changed'] }),
    ]);
    const [first, second] = title.body.version < labels.body.version ? [title, labels] : [labels, title];
    expect(second.body).toMatchObject({
      title: 'Changed',
      labels: ['changed'],
      version: first.body.version + 1,
    });
    expect([first.body.title, first.body.labels]).not.toEqual(['Changed', ['changed']]);
  });

  it('[HD13] a document as large as agents write them is accepted, and its event leaves out the content', async () => {
    const { sessionId } = await fixture();
    const content = 'x'.repeat(120_000);
    const path = `/api/sessions/${sessionId}/docs`;
    const added = await send('POST', path, { title: 'Notes', filePath: 'notes.md', content });
    expect(added.status).toBe(200);
    expect(JSON.stringify(added.body)).not.toContain('xxxx');
    expect((await send('GET', path)).body.at(-1)).toMatchObject({ content });
    const large = await send('POST', path, {
      title: 'Notes',
      filePath: 'n.md',
      content: 'x'.repeat(11 * 1024 * 1024),
    });
    expect(large).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
  });
});

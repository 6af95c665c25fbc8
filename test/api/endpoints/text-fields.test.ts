import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, makeFixture } from '../../support/samples/endpoint-samples.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { createCall } from '../../support/services/service-harness.ts';

/** Where people and agents write texts: the request, and a body that has one. */
const places: readonly [string, (fixture: Fixture, text: string) => readonly [string, object]][] = [
  ['POST', (_, name) => ['projects', { name }]],
  ['PUT', ({ projectId }, workingDir) => [`projects/${projectId}`, { workingDir }]],
  ['PUT', ({ projectId }, description) => [`projects/${projectId}`, { description }]],
  ['POST', ({ projectId }, title) => ['tasks', { projectId, title }]],
  ['PATCH', ({ taskId }, description) => [`tasks/${taskId}`, { description }]],
  ['PATCH', ({ taskId }, initialPrompt) => [`tasks/${taskId}`, { initialPrompt }]],
  ['PATCH', ({ taskId }, label) => [`tasks/${taskId}`, { labels: ['sky', label] }]],
  ['PATCH', ({ taskId }, agentId) => [`tasks/${taskId}`, { agentIds: [agentId] }]],
  ['PATCH', ({ taskId }, externalId) => [`tasks/${taskId}`, { externalId }]],
  ['PATCH', ({ taskId }, model) => [`tasks/${taskId}`, { model }]],
  ['POST', ({ taskId, sessionId }, message) => [`tasks/${taskId}/timeline`, { message, sessionId }]],
  ['POST', ({ projectId }, name) => ['sessions', { projectId, taskIds: [], name }]],
  ['PATCH', ({ sessionId }, agentId) => [`sessions/${sessionId}`, { agentId }]],
  ['PATCH', ({ sessionId }, text) => [`sessions/${sessionId}`, { env: { MAESTRO_X: text } }]],
  ['PATCH', ({ sessionId }, message) => [`sessions/${sessionId}`, { needsInput: { active: true, message } }]],
  [
    'PATCH',
    ({ sessionId }, message) => [`sessions/${sessionId}`, { timeline: [{ type: 'progress', message }] }],
  ],
  ['POST', ({ sessionId }, message) => [`sessions/${sessionId}/timeline`, { message }]],
  ['POST', ({ sessionId }, type) => [`sessions/${sessionId}/events`, { type }]],
  ['POST', ({ sessionId }, title) => [`sessions/${sessionId}/docs`, { title, filePath: 'a.md' }]],
  ['POST', ({ sessionId }, filePath) => [`sessions/${sessionId}/docs`, { title: 'A', filePath }]],
  [
    'POST',
    ({ projectId, taskId }, sessionName) => ['sessions/spawn', { projectId, taskIds: [taskId], sessionName }],
  ],
  ['POST', (_, name) => ['templates', { name, role: 'worker', content: 'Work.' }]],
  ['PUT', ({ templateId }, content) => [`templates/${templateId}`, { content }]],
];

describe('texts that clients write', () => {
  let http: HttpHarness;
  let token: string;
  let fixture: Fixture;
  beforeAll(async () => {
    http = await startHttp();
    token = await http.createToken({ role: 'admin', projects: ['*'] });
    fixture = await makeFixture(http.services);
  });
  afterAll(() => http.stop());

  const write = (method: string, [path, body]: readonly [string, object]) =>
    http.send(method, `/api/${path}`, { token, body });
  const rows = places.map(([method, request]) => {
    const [path, body] = request({} as Fixture, 'x');
    const name = `${method} ${path.replaceAll('undefined', ':id')} ${JSON.stringify(body)}`;
    return { method, request, name };
  });

  it.each(rows)(
    '[HT85] are refused with control characters, or with nothing to see: $name',
    async ({ method, request }) => {
      for (const text of ['a\u0000b', '\u001b[31mred', 'a\u007f', 'a\u0085b', '\u200b\u2060', '\u3164']) {
        const reply = await write(method, request(fixture, text));
        expect(reply, JSON.stringify(text)).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_ERROR' },
        });
        expect(reply.body.message).toMatch(/control characters|invisible characters|letters, digits/);
      }
      const fine = request(fixture, 'Zwei\tFamilien 👨‍👩‍👧 ünd ein e\u0301\r\n');
      expect((await write(method, fine)).status).toBeLessThan(300);
    },
  );

  it('[HT85] are refused at their place, in whatever the body nests', async () => {
    const { projectId, taskId } = fixture;
    const reply = await write('PATCH', [`tasks/${taskId}`, { labels: ['sky', 'a\u0007'] }]);
    expect(reply.body).toMatchObject({
      message: 'labels.1: must not have control characters other than tabs and line breaks; it has U+0007',
      details: { issues: [{ in: 'body', path: 'labels.1' }] },
    });
    const item = { externalId: 'a', title: 'Bell \u0007' };
    const batch = await write('POST', [`projects/${projectId}/backlog`, { items: [item] }]);
    expect(batch).toMatchObject({ status: 400, body: { details: { issues: [{ path: 'items.0.title' }] } } });
  });

  it('[HT85] are taken as they are where they are the content of a file, or free JSON', async () => {
    const { sessionId } = fixture;
    const content = '\u001b[31mred\u001b[0m\f\u0000';
    const docs = `sessions/${sessionId}/docs`;
    expect((await write('POST', [docs, { title: 'Log', filePath: 'build.log', content }])).status).toBe(200);
    const { body } = await http.send('GET', `/api/${docs}`, { token });
    expect(body.at(-1)).toMatchObject({ content });
    const event = { type: 'output', data: { text: content } };
    expect((await write('POST', [`sessions/${sessionId}/events`, event])).status).toBe(200);
  });

  it('[HT85] may be blank where nothing has to be said, and are read as they were stored', async () => {
    const { projectId, taskId } = fixture;
    const blank = await write('PATCH', [`tasks/${taskId}`, { description: ' \n' }]);
    expect(blank).toMatchObject({ status: 200, body: { description: ' \n' } });
    const { services } = http;
    const { id } = await services.tasks.create(createCall(), projectId, { title: 'Old \u0000' });
    expect((await http.send('GET', `/api/tasks/${id}`, { token })).body.title).toBe('Old \u0000');
    expect((await write('PATCH', [`tasks/${id}`, { status: 'completed' }])).status).toBe(200);
  });

  it.each([['../../evil'], ['a/b'], ['a\\b'], ['..'], ['.'], ['a,b'], ['a\u0000'], ['a\nb'], [' ']])(
    '[SP16] a name of a skill is one wherever it is said: not %j',
    async (name) => {
      const { projectId, taskId } = fixture;
      const session = { projectId, taskIds: [taskId] };
      const requests: [string, string, object][] = [
        ['POST', 'sessions/spawn', { ...session, skills: ['fine', name] }],
        ['POST', 'sessions', { ...session, metadata: { skills: [name] } }],
        ['POST', 'tasks', { projectId, title: 'T', skillIds: [name] }],
        ['PATCH', `tasks/${taskId}`, { skillIds: [name] }],
      ];
      for (const [method, path, body] of requests) {
        const reply = await write(method, [path, body]);
        expect(reply, path).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
        expect(reply.body.message).toMatch(/skill|blank/);
      }
      const fine = { skills: ['Clean code', 'a.b-c_d', ''] };
      expect((await write('POST', ['sessions/spawn', { ...session, ...fine }])).status).toBe(201);
    },
  );
});

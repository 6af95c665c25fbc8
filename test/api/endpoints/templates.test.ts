import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedTemplates } from '../../../src/application/agents/template-seed.ts';
import { defaultTemplates } from '../../../src/domain/agents/default-templates.ts';
import { templateVariables } from '../../../src/domain/agents/template-variables.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { leadBy } from '../../support/services/orchestrator.ts';
import { createCall } from '../../support/services/service-harness.ts';

const run = promisify(execFile);

/** What commands are answered with: only an orchestrator creates something. */
const answers = { worker: new Set(['200']), orchestrator: new Set(['200', '201']) };

describe('templates over HTTP', () => {
  let http: HttpHarness;
  let admin: string;
  beforeAll(async () => {
    http = await startHttp();
    await seedTemplates(http.store);
    admin = await http.createToken({ role: 'admin', projects: ['*'] });
  });
  afterAll(() => http.stop());

  const send = (method: string, path: string, body?: unknown) =>
    http.send(method, `/api/templates${path}`, { token: admin, body });

  it('[TM7] are created, read, changed, made active, reset and deleted', async () => {
    const made = await send('POST', '', { name: ' Mine ', role: 'worker', content: 'Work.' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'Mine', isDefault: false, active: false, version: 1 });
    const path = `/${made.body.id}`;
    expect(made.headers.get('location')).toBe(`/api/templates${path}`);
    expect((await send('GET', '/role/worker')).body).toMatchObject({ isDefault: true });
    expect((await send('PUT', path, { active: true })).body).toMatchObject({ active: true, version: 2 });
    expect((await send('GET', '/role/worker')).body.id).toBe(made.body.id);
    const listed = await send('GET', '?role=worker&sort=name&fields=name,active');
    expect(listed.body).toEqual([
      { id: 'tmpl_default_worker', name: 'Default Worker Template', active: false },
      { id: made.body.id, name: 'Mine', active: true },
    ]);
    expect((await send('POST', `${path}/reset`, {})).body).toMatchObject({
      content: defaultTemplates.worker,
    });
    expect((await send('DELETE', path)).body).toEqual({ success: true, id: made.body.id });
    expect((await send('GET', path)).status).toBe(404);
    expect((await send('GET', '/default/orchestrator')).body).toEqual({
      role: 'orchestrator',
      content: defaultTemplates.orchestrator,
    });
    expect((await send('DELETE', '/tmpl_default_worker')).status).toBe(409);
  });

  it.each([
    ['POST', '', { name: 'Mine', role: 'boss', content: 'Work.' }],
    ['POST', '', { name: ' ', role: 'worker', content: 'Work.' }],
    ['POST', '', { name: 'Mine', role: 'worker', content: '' }],
    ['POST', '', { name: 'Mine', role: 'worker', content: 7 }],
    ['POST', '', { name: 'Mine', role: 'worker', content: 'x'.repeat(100_001) }],
    ['POST', '', { name: 'Mine', role: 'worker', content: 'Work.', isDefault: true }],
    ['PUT', '/tmpl_default_worker', {}],
    ['PUT', '/tmpl_default_worker', { active: false }],
    ['PUT', '/tmpl_default_worker', { role: 'orchestrator' }],
    ['GET', '/role/boss', undefined],
    ['GET', '/default/boss', undefined],
  ])('[TM8] refuse what they cannot be: %s %s %j', async (method, path, body) => {
    expect((await send(method, path, body)).status).toBe(400);
  });

  it.each(['worker', 'orchestrator'] as const)(
    '[TM9] the default of a %s names only variables that there are, and commands that run as they stand',
    async (role) => {
      const names = [...defaultTemplates[role].matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name);
      expect(Object.keys(templateVariables)).toEqual(expect.arrayContaining(names));
      const { services } = http;
      for (const [strategy, orchestratorStrategy] of [
        ['queue', 'default'],
        ['simple', 'dag'],
      ] as const) {
        const { body: project } = await http.send('POST', '/api/projects', {
          token: admin,
          body: { name: 'Sky', workingDir: '/srv/sky', description: 'Be exact.' },
        });
        const { body: task } = await http.send('POST', '/api/tasks', {
          token: admin,
          body: { projectId: project.id, title: 'It\'s "odd"; $(touch x) `y`', description: 'All of them.' },
        });
        const { body: session } = await http.send('POST', '/api/sessions', {
          token: admin,
          body: {
            ...{ projectId: project.id, taskIds: [task.id], strategy },
            metadata: { role, orchestratorStrategy },
          },
        });
        if (role === 'orchestrator') await leadBy(http.store, session.id);
        const token = await http.createToken({
          role: 'agent',
          projects: [project.id],
          sessionId: session.id,
        });
        const { body } = await http.send('GET', `/api/sessions/${session.id}/prompt`, { token });
        expect(body).toMatchObject({ role, templateId: `tmpl_default_${role}` });
        expect(body.prompt).not.toContain('${');
        const blocks = [...body.prompt.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
        expect(blocks.length).toBeGreaterThan(3);
        const env = { MAESTRO_SERVER_URL: http.url, MAESTRO_TOKEN: token, MAESTRO_SESSION_ID: session.id };
        const script = blocks.join('').replaceAll(/^curl -s/gm, "curl -s -o /dev/null -w '%{http_code}\\n'");
        const { stdout, stderr } = await run('sh', ['-c', script], {
          env: { PATH: process.env.PATH, ...env },
        });
        expect(stderr).toBe('');
        expect(new Set(stdout.trim().split('\n'))).toEqual(answers[role]);
        expect(await services.sessions.get(createCall(), session.id)).toMatchObject({ status: 'completed' });
      }
    },
  );
});

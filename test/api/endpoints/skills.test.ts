import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SkillService } from '../../../src/application/agents/skill-service.ts';
import { SkillFolder } from '../../../src/system/agents/skill-folder.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';

describe('skills over HTTP', () => {
  let http: HttpHarness;
  let folder: string;
  let admin: string;
  let viewer: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-skills-'));
    http = await startHttp(undefined, () => ({
      services: { skills: new SkillService(new SkillFolder(folder, () => {})) },
    }));
    admin = await http.createToken({ role: 'admin', projects: ['*'] });
    viewer = await http.createToken({ role: 'viewer', projects: ['p1'] });
    await write('lead', 'role: orchestrator\nversion: 2.0\nname: Lead');
    await write('count', 'description: Counts.\noutput-format: table');
    await write('sort', 'name: Sort');
  });
  afterAll(async () => {
    await http.stop();
    await rm(folder, { recursive: true });
  });

  async function write(name: string, header: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'SKILL.md'), `---\n${header}\n---\nBody of ${name}.\n`);
  }

  const get = (path: string) => http.send('GET', path, { token: viewer });

  it('[SK7] are listed as a bare array in pages, each with its text', async () => {
    const { body, headers } = await get('/api/skills');
    expect(body).toEqual([
      {
        id: 'count',
        name: 'count',
        description: 'Counts.',
        version: '1.0.0',
        outputFormat: 'table',
        content: 'Body of count.\n',
        hasReferences: false,
        referenceCount: 0,
      },
      expect.objectContaining({ id: 'lead', name: 'Lead', version: '2.0', role: 'orchestrator' }),
      expect.objectContaining({ id: 'sort' }),
    ]);
    expect(headers.get('x-total-count')).toBe('3');
    expect(headers.has('x-skills-skipped')).toBe(false);
    const first = await get('/api/skills?limit=2&fields=id');
    expect(first.body).toEqual([{ id: 'count' }, { id: 'lead' }]);
    const next = await get(`/api/skills?limit=2&fields=id&cursor=${first.headers.get('x-next-cursor')}`);
    expect(next.body).toEqual([{ id: 'sort' }]);
    expect(next.headers.get('x-has-more')).toBe('false');
  });

  it('[SK7] are given one by one, and by the role of an agent', async () => {
    expect((await get('/api/skills/lead')).body).toEqual({
      ...{ id: 'lead', name: 'Lead', description: '', type: 'orchestrator', version: '2.0' },
      instructions: 'Body of lead.\n',
    });
    const names = async (role: string) =>
      (await get(`/api/skills/role/${role}`)).body.map(({ id }: { id: string }) => id);
    expect(await names('orchestrator')).toEqual(['lead']);
    expect(await names('worker')).toEqual(['count', 'sort']);
    expect((await get('/api/skills/role/boss')).status).toBe(400);
    const missing = await get('/api/skills/none');
    expect([missing.status, missing.body.message]).toEqual([404, 'There is no skill none.']);
    for (const id of ['..%2Fskills', 'a%00b', 'a.b'])
      expect((await get(`/api/skills/${id}`)).status).toBe(400);
  });

  it('[SK8] that are left out are named in a header, and why by the answer for each', async () => {
    await write('brok\u00e9n', 'name: No id');
    await write('nested', 'name: { a: b }');
    for (const path of ['/api/skills', '/api/skills/role/worker']) {
      const { status, headers } = await get(path);
      expect([status, headers.get('x-skills-skipped')]).toEqual([200, 'brok%C3%A9n, nested']);
    }
    const nested = await get('/api/skills/nested');
    expect([nested.status, nested.body.message]).toEqual([
      404,
      expect.stringMatching(/^There is no skill nested that can be read: name: /),
    ]);
    for (let i = 0; i < 30; i++) await write(`x\u00df${i}`, 'name: No id');
    expect((await get('/api/skills')).headers.get('x-skills-skipped')).toMatch(/, \+12$/);
  });

  it('[SK9] are read again when an admin says so', async () => {
    expect((await http.send('POST', '/api/skills/lead/reload', { token: viewer })).status).toBe(403);
    const { status, body } = await http.send('POST', '/api/skills/lead/reload', { token: admin });
    expect([status, body.id, body.type, body.reloaded]).toEqual([200, 'lead', 'orchestrator', true]);
    expect(body).not.toHaveProperty('instructions');
    expect((await http.send('POST', '/api/skills/none/reload', { token: admin })).status).toBe(404);
  });
});

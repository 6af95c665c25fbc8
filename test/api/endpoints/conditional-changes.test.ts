import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparesVersions } from '../../../src/api/endpoint.ts';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { seedTemplates } from '../../../src/application/agents/template-seed.ts';
import { hasPermission, type Permission } from '../../../src/domain/access/access.ts';
import { readEverything } from '../../storage/contract/read-everything.ts';
import { endpointSamples, makeFixture } from '../../support/samples/endpoint-samples.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { admin } from '../../support/services/service-harness.ts';

const changes = endpoints.filter(({ method }) => method !== 'GET');

describe('a change with a condition', () => {
  let http: HttpHarness;
  beforeAll(async () => {
    http = await startHttp();
    await seedTemplates(http.store);
  });
  afterAll(() => http.stop());

  /** A request to the endpoint for things of its own, which can be sent with any headers. */
  async function sampleRequest(name: string, permission: Permission) {
    const sample = endpointSamples[name];
    if (sample === undefined) throw new Error(`${name} has no sample in endpoint-samples.ts`);
    const fixture = await makeFixture(http.services);
    await sample.before?.(fixture, http.services);
    const body = sample.body?.(fixture);
    const [method = ''] = name.split(' ');
    const { projectId, sessionId } = fixture;
    const token = await http.createToken(
      hasPermission(admin, permission)
        ? { role: 'admin', projects: ['*'] }
        : { role: 'agent', projects: [projectId], sessionId },
    );
    const ids = [fixture.taskId, fixture.sessionId, fixture.spawnedId];
    return {
      send: (headers: Record<string, string>) =>
        http.send(method, sample.path(fixture), { token, body, headers }),
      state: async () => ({
        stored: await http.store.read((reader) => readEverything(reader, ids)),
        events: http.events.length,
      }),
    };
  }

  it('[HT90] the catalogue has changes that compare versions and changes that do not', () => {
    expect(changes.filter(comparesVersions).length).toBeGreaterThan(5);
    expect(changes.filter((change) => !comparesVersions(change)).length).toBeGreaterThan(5);
    expect(endpoints.filter(comparesVersions).map(({ method }) => method)).not.toContain('GET');
  });

  for (const endpoint of changes) {
    const name = `${endpoint.method} ${endpoint.path}`;
    const honours = comparesVersions(endpoint);
    const { permission } = endpoint;
    if (permission === 'public') throw new Error(`${name} changes something and is public`);
    it(`[HT90] ${name} ${honours ? 'honours' : 'refuses'} If-Match`, async () => {
      const { send, state } = await sampleRequest(name, permission);
      const before = await state();
      const stale = await send({ 'if-match': '"999999"' });
      if (honours) {
        expect(stale).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } });
      } else {
        for (const reply of [stale, await send({ 'if-match': '*' })])
          expect(reply).toMatchObject({
            status: 400,
            body: {
              code: 'VALIDATION_ERROR',
              message: expect.stringMatching(/leave it out/),
              details: { issues: [{ in: 'header', path: 'If-Match' }] },
            },
          });
      }
      const conditional = await send({ 'if-none-match': '"1"' });
      expect(conditional).toMatchObject({
        status: 400,
        body: { details: { issues: [{ in: 'header', path: 'If-None-Match' }] } },
      });
      expect(await state()).toEqual(before);
      const passing: Record<string, string> = honours ? { 'if-match': `W/${stale.headers.get('etag')}` } : {};
      const passed = await send(passing);
      expect([200, 201], JSON.stringify(passed.body)).toContain(passed.status);
    });
  }
});

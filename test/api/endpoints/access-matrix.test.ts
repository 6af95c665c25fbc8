import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../../src/api/endpoints/catalogue.ts';
import { seedTemplates } from '../../../src/application/agents/template-seed.ts';
import { type Actor, hasPermission, type Permission } from '../../../src/domain/access/access.ts';
import { endpointSamples, makeFixture } from '../../support/samples/endpoint-samples.ts';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { leadBy } from '../../support/services/orchestrator.ts';

const callers = [
  'nobody',
  'expired',
  'revoked',
  'stranger',
  'viewer',
  'member',
  'agent',
  'bound agent',
  'bound orchestrator',
  'admin',
] as const;
type Caller = (typeof callers)[number];

/** Paths that name nothing of one project: a stranger finds nothing there, but the path exists. */
const ofNoProject = new Set([
  'GET /api/projects',
  'GET /api/tasks',
  'GET /api/sessions',
  'GET /api/whoami',
  'POST /api/ws/tickets',
  'GET /api/templates',
  'GET /api/templates/role/:role',
  'GET /api/templates/default/:role',
  'GET /api/templates/:id',
  'GET /api/skills',
  'GET /api/skills/role/:role',
  'GET /api/skills/:id',
]);

function expected(name: string, permission: Permission | 'public', caller: Caller): readonly number[] {
  if (permission === 'public') return [200];
  if (caller === 'nobody' || caller === 'expired' || caller === 'revoked') return [401];
  const isBound = caller === 'bound agent' || caller === 'bound orchestrator';
  const role = caller === 'stranger' ? 'member' : isBound ? 'agent' : caller;
  const actor: Actor = {
    id: '',
    role,
    projects: '*',
    sessionId: isBound ? 'own' : undefined,
    isOrchestrator: caller === 'bound orchestrator',
  };
  if (!hasPermission(actor, permission)) return [403];
  if (caller === 'stranger' && !ofNoProject.has(name)) return [404];
  return [200, 201];
}

// Some endpoints share a server: the model store costs what it holds, and another one costs its start.
const share = 10;
const parts = Array.from({ length: Math.ceil(endpoints.length / share) }, (_, i) => i * share);

describe.each(parts)('every endpoint, from the %ith on', (first) => {
  let http: HttpHarness;
  let addresses = 0;
  beforeAll(async () => {
    http = await startHttp();
    await seedTemplates(http.store);
  });
  afterAll(() => http.stop());

  async function tokenOf(caller: Caller, projectId: string, sessionId: string): Promise<string | undefined> {
    const projects = [projectId];
    if (caller === 'nobody') return undefined;
    if (caller === 'expired')
      return http.createToken({ role: 'admin', projects: ['*'] }, { createdAt: 0, expiresAt: 1000 });
    if (caller === 'revoked') return http.createToken({ role: 'admin', projects: ['*'] }, { revokedAt: 1 });
    if (caller === 'stranger') return http.createToken({ role: 'member', projects: ['proj_other'] });
    if (caller === 'bound orchestrator') await leadBy(http.store, sessionId);
    if (caller === 'bound agent' || caller === 'bound orchestrator')
      return http.createToken({ role: 'agent', projects, sessionId });
    if (caller === 'admin') return http.createToken({ role: 'admin', projects: ['*'] });
    return http.createToken({ role: caller, projects });
  }

  for (const endpoint of endpoints.slice(first, first + share)) {
    const name = `${endpoint.method} ${endpoint.path}`;
    it(`[AU30] ${name} answers each kind of caller as the table of permissions says`, async () => {
      const sample = endpointSamples[name];
      expect(
        sample,
        `a sample request for ${name} in test/support/samples/endpoint-samples.ts`,
      ).toBeDefined();
      if (sample === undefined) return;
      for (const caller of callers) {
        const fixture = await makeFixture(http.services);
        await sample.before?.(fixture, http.services);
        const token = await tokenOf(caller, fixture.projectId, fixture.sessionId);
        const body = sample.body?.(fixture);
        // Each from an address of its own, as refused credentials are counted by address.
        const headers = { 'x-forwarded-for': `10.${addresses >> 8}.${addresses++ & 255}.1` };
        const reply = await http.send(endpoint.method, sample.path(fixture), { token, body, headers });
        expect(
          expected(name, endpoint.permission, caller),
          `${caller}: ${JSON.stringify(reply.body)}`,
        ).toContain(reply.status);
        if (reply.status === 401) expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    });
  }
});

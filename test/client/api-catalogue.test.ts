import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/api/answer.ts';
import type { Endpoint } from '../../src/api/endpoint.ts';
import { endpoints } from '../../src/api/endpoints/catalogue.ts';
import { seedTemplates } from '../../src/application/agents/template-seed.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { hasPermission } from '../../src/domain/access/access.ts';
import { endpointSamples, makeFixture } from '../support/samples/endpoint-samples.ts';
import { type HttpHarness, startHttp } from '../support/servers/start-http.ts';

type AnyRequest = (
  operation: string,
  options: { params: object; query: object; body: unknown },
) => Promise<unknown>;

/** The values that a path has for the `:names` of an endpoint, and those of its query. */
function valuesOf({ path }: Endpoint, sample: string) {
  const { pathname, searchParams } = new URL(sample, 'http://localhost');
  const parts = pathname.split('/');
  const named = path
    .split('/')
    .flatMap((name, i) => (name.startsWith(':') ? [[name.slice(1), parts[i]]] : []));
  return { params: Object.fromEntries(named), query: Object.fromEntries(searchParams) };
}

/** Whether an admin may call it; the agent of a session may call the rest. */
function isForAdmins({ permission }: Endpoint): boolean {
  return permission === 'public' || hasPermission({ id: '', role: 'admin', projects: '*' }, permission);
}

/** Checks that what the client returned is what the type of this answer says. */
async function expectAnswer(answer: Answer, value: unknown): Promise<void> {
  switch (answer.kind) {
    case 'text':
      expect(typeof value).toBe(answer.type.startsWith('application/json') ? 'object' : 'string');
      return;
    case 'stream': {
      const reader = (value as ReadableStream<Uint8Array>).getReader();
      expect((await reader.read()).value).toBeInstanceOf(Uint8Array);
      await reader.cancel();
      return;
    }
    case 'page': {
      const items = answer.envelope === 'always' ? (value as { data: unknown[] }).data : (value as unknown[]);
      expect(answer.schema.array().parse(items)).toEqual(items);
      return;
    }
    default:
      expect(answer.schema.parse(value)).toEqual(value);
  }
}

describe('the client of the API', () => {
  let http: HttpHarness;
  let request: AnyRequest;
  let token: string;
  let adminToken: string;
  beforeAll(async () => {
    http = await startHttp();
    await seedTemplates(http.store);
    adminToken = await http.createToken({ role: 'admin', projects: ['*'] });
    const client = createApiClient({ url: http.url, token: () => token });
    // The loop names operations as strings, which the types of the client do not take.
    request = client.request.bind(client) as unknown as AnyRequest;
  });
  afterAll(() => http.stop());

  it.each(endpoints.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    '[CL8] %s answers the client as it is declared',
    async (name, endpoint) => {
      const sample = endpointSamples[name];
      if (sample === undefined) throw new Error(`There is no sample request for ${name}.`);
      const fixture = await makeFixture(http.services);
      await sample.before?.(fixture, http.services);
      const { projectId, sessionId } = fixture;
      token = isForAdmins(endpoint)
        ? adminToken
        : await http.createToken({ role: 'agent', projects: [projectId], sessionId });
      const value = await request(name, {
        ...valuesOf(endpoint, sample.path(fixture)),
        body: sample.body?.(fixture),
      });
      await expectAnswer(endpoint.answer, value);
    },
  );
});

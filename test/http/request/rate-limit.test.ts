import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint, type Method } from '../../../src/api/endpoint.ts';
import type { HttpSettings } from '../../../src/http/boundary/http-settings.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

const things = (method: Method, permission: 'task:read' | 'public') =>
  endpoint({
    method,
    path: permission === 'public' ? '/open' : '/things',
    summary: 'Is counted.',
    permission,
    answer: json(z.string()),
    handle: () => 'done',
  });

describe('rate limits', () => {
  let served: ServedEndpoints;
  afterEach(() => served.stop());

  const serve = async (settings: Partial<HttpSettings>) => {
    served = await serveEndpoints(
      [things('GET', 'task:read'), things('POST', 'task:read'), things('GET', 'public')],
      { settings },
    );
  };
  const send = (token: string, method: 'get' | 'head' | 'post' = 'get', path = '/things') =>
    request(served.url)[method](path).set('authorization', `Bearer ${token}`);
  // So slow that nothing comes back while a test runs.
  const slow = 0.0001;

  it('[HT60] an actor that asks for more than its burst gets 429 with Retry-After; others are not touched', async () => {
    await serve({ readsPerSecond: slow, writesPerSecond: slow, burst: 3 });
    for (let i = 0; i < 3; i++) expect((await send('viewer')).status).toBe(200);
    const rejected = await send('viewer');
    expect(rejected).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(1);
    expect((await send('admin')).status).toBe(200);
  });

  it('[HT61] reads and writes are counted apart, HEAD as a read, open endpoints not at all', async () => {
    await serve({ readsPerSecond: slow, writesPerSecond: slow, burst: 1 });
    expect((await send('admin', 'head')).status).toBe(200);
    expect((await send('admin')).status).toBe(429);
    expect((await send('admin', 'post')).status).toBe(200);
    expect((await send('admin', 'post')).status).toBe(429);
    for (let i = 0; i < 3; i++) expect((await send('admin', 'get', '/open')).status).toBe(200);
  });

  it('[HT62] each answer tells the policy and what is left of it', async () => {
    await serve({ readsPerSecond: 200, writesPerSecond: 100, burst: 1000 });
    const { headers } = await send('admin');
    expect(headers['ratelimit-policy']).toBe('"reads";q=1000;w=5');
    expect(headers.ratelimit).toBe('"reads";r=999;t=1');
    expect((await send('admin', 'post')).headers['ratelimit-policy']).toBe('"writes";q=1000;w=10');
  });

  it('[HT63] a limit of 0 means no limit', async () => {
    await serve({ readsPerSecond: 0, writesPerSecond: slow, burst: 1 });
    for (let i = 0; i < 5; i++) expect((await send('admin')).status).toBe(200);
    expect((await send('admin')).headers).not.toHaveProperty('ratelimit');
    await send('admin', 'post');
    expect((await send('admin', 'post')).status).toBe(429);
  });
});

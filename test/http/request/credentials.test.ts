import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { AppError } from '../../../src/domain/errors.ts';
import {
  type ServedEndpoints,
  type ServeOptions,
  serveEndpoints,
} from '../../support/servers/serve-endpoints.ts';

const endpoints = [
  endpoint({
    method: 'GET',
    path: '/me',
    summary: 'Says who asks.',
    permission: 'identity:read',
    answer: json(z.string()),
    handle: ({ call }) => call.actor.id,
  }),
  endpoint({
    method: 'DELETE',
    path: '/task',
    summary: 'Needs more.',
    permission: 'task:delete',
    answer: json(z.string()),
    handle: () => 'deleted',
  }),
  endpoint({
    method: 'POST',
    path: '/report',
    summary: 'Needs what bound agents may.',
    permission: 'task:report',
    answer: json(z.string()),
    handle: () => 'reported',
  }),
];

describe('credentials', () => {
  let served: ServedEndpoints;
  afterEach(() => served.stop());

  const serve = async (differences?: ServeOptions) => {
    served = await serveEndpoints(endpoints, differences);
  };
  const get = (authorization?: string) => {
    const sent = request(served.url).get('/me');
    return authorization === undefined ? sent : sent.set('authorization', authorization);
  };

  it('[HT39] a bearer token in the header is who asks, and nothing else is a credential', async () => {
    await serve();
    expect((await get('Bearer viewer')).body).toBe('vic');
    expect((await get('bearer   viewer ')).body).toBe('vic');
    for (const bad of [undefined, 'viewer', 'Basic viewer', 'Bearer', 'Bearer a b', 'Bearer nobody']) {
      const reply = await get(bad);
      expect(reply, bad).toMatchObject({ status: 401, body: { error: true, code: 'UNAUTHORIZED' } });
      expect(reply.headers['www-authenticate']).toBe('Bearer realm="maestro-server"');
    }
    expect((await request(served.url).get('/me?access_token=viewer')).status).toBe(401);
    expect((await request(served.url).get('/me').set('cookie', 'token=viewer')).status).toBe(401);
  });

  it('[HT40] what a role may not do is 403 that names the permission', async () => {
    await serve();
    const send = (method: 'delete' | 'post', path: string, token: string) =>
      request(served.url)[method](path).set('authorization', `Bearer ${token}`);
    const reply = await send('delete', '/task', 'agent');
    expect(reply).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', details: { permission: 'task:delete' } },
    });
    expect((await send('delete', '/task', 'admin')).body).toBe('deleted');
    expect((await send('post', '/report', 'bound')).body).toBe('reported');
    expect((await send('post', '/report', 'viewer')).status).toBe(403);
  });

  it('[HT41] the eleventh invalid credential of a minute from one address is 429; a missing credential does not count', async () => {
    await serve({ settings: { trustProxy: 1 } });
    const from = (address: string, authorization?: string) =>
      get(authorization).set('x-forwarded-for', address);
    for (let i = 0; i < 15; i++) expect((await from('192.0.2.1')).status).toBe(401);
    for (let i = 0; i < 10; i++) expect((await from('192.0.2.1', `Bearer guess${i}`)).status).toBe(401);
    const rejected = await from('192.0.2.1', 'Bearer another');
    expect(rejected).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(0);
    expect((await from('192.0.2.1', 'Bearer viewer')).status).toBe(200);
    expect((await from('192.0.2.2', 'Bearer another')).status).toBe(401);
  });

  it('[HT41] the address of the client is what trusted proxies report, and no proxy is trusted by default', async () => {
    await serve();
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      statuses.push((await get('Bearer guess').set('x-forwarded-for', `192.0.2.${i}`)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('[HT42] with AUTH=off everyone is the local admin, whatever they send', async () => {
    await serve({ authenticator: 'off' });
    expect((await get()).body).toBe('local');
    expect((await get('Bearer nobody')).body).toBe('local');
  });

  it('[HT43] a fault of the authenticator is a 500 and not a refusal', async () => {
    await serve({ authenticator: { verify: () => Promise.reject(new Error('the disk is gone')) } });
    expect(await get('Bearer viewer')).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
    await served.stop();
    await serve({
      authenticator: { verify: () => Promise.reject(new AppError('STORE_FAILED', 'It stopped.')) },
    });
    expect(await get('Bearer viewer')).toMatchObject({ status: 503, body: { code: 'STORE_FAILED' } });
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint, type Method } from '../../../src/api/endpoint.ts';
import { hostGuard } from '../../../src/http/boundary/host-guard.ts';
import { originGuard } from '../../../src/http/boundary/origin-guard.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';

let changes = 0;
const things = (method: Method) =>
  endpoint({
    method,
    path: '/things',
    summary: 'Counts changes.',
    permission: 'public',
    answer: json(z.number()),
    handle: () => (method === 'GET' ? changes : ++changes),
  });

describe('the browser boundary', () => {
  let served: ServedEndpoints;
  let strict: ServedEndpoints;
  const endpoints = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map(things);
  beforeAll(async () => {
    const settings = {
      hosts: ['maestro.example', '192.0.2.7', '::7'],
      corsOrigins: ['tauri://localhost', 'https://app.example'],
    };
    served = await serveEndpoints(endpoints, { settings });
    strict = await serveEndpoints(endpoints);
  });
  afterAll(async () => {
    await served.stop();
    await strict.stop();
  });

  /** Sends a request line and headers as they are, and gives the status line of the answer. */
  async function raw(text: string): Promise<string> {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.end(`${text}\r\nConnection: close\r\n\r\n`);
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    await once(socket, 'close');
    return answer.split('\r\n', 1)[0] ?? '';
  }

  it('[HT44] a request is answered for the hosts this server has, with any port', async () => {
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      '127.0.0.1:65535',
      '[::1]:3000',
      'maestro.example',
      '192.0.2.7:80',
      '[::7]',
    ]) {
      expect((await request(served.url).get('/things').set('host', host)).status, host).toBe(200);
    }
    const others = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '127.evil.com',
      '192.0.2.8',
      'localhost:',
      'localhost:x',
      'a@localhost',
      '[::8]',
      '::1',
    ];
    for (const host of others) {
      const reply = await request(served.url).get('/things').set('host', host);
      expect(reply, host).toMatchObject({ status: 421, body: { error: true, code: 'MISDIRECTED_REQUEST' } });
    }
    expect((await request(strict.url).get('/things').set('host', 'maestro.example')).status).toBe(421);
  });

  it('[HT45] two Host headers, no Host header, and a URL of another host in the request line are rejected', async () => {
    expect(await raw('GET /things HTTP/1.1\r\nHost: localhost')).toBe('HTTP/1.1 200 OK');
    expect(await raw('GET /things HTTP/1.1\r\nHost: localhost\r\nhost: evil.example')).toContain(' 421 ');
    expect(await raw('GET /things HTTP/1.1\r\nHost: localhost\r\nHOST: localhost')).toContain(' 421 ');
    expect(await raw('GET /things HTTP/1.0')).toContain(' 400 ');
    expect(await raw('GET /things HTTP/1.1')).toContain(' 400 ');
    expect(await raw('GET http://evil.example/things HTTP/1.1\r\nHost: localhost')).toContain(' 421 ');
    expect(await raw('GET http://localhost/things HTTP/1.1\r\nHost: localhost')).toBe('HTTP/1.1 200 OK');
  });

  it('[HT46] a page of another origin changes nothing, also by a request that needs no preflight', async () => {
    const before = changes;
    const foreign = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
      { origin: 'https://app.example.evil.example' },
      { origin: 'http://app.example' },
      { origin: 'http://localhost:5173', host: 'localhost:3000' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:5173' },
    ];
    for (const headers of foreign) {
      for (const method of ['post', 'put', 'patch', 'delete'] as const) {
        const reply = await request(served.url)[method]('/things').set(headers);
        expect(reply, JSON.stringify(headers)).toMatchObject({
          status: 403,
          body: { code: 'ORIGIN_NOT_ALLOWED' },
        });
      }
    }
    expect(changes).toBe(before);
  });

  it('[HT47] programs, the own pages and pages of configured origins may change things', async () => {
    const friendly = [
      {},
      { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://localhost:3000', host: 'LocalHost:3000' },
      { origin: 'tauri://localhost', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://app.example' },
    ];
    for (const headers of friendly) {
      expect((await request(served.url).post('/things').set(headers)).status, JSON.stringify(headers)).toBe(
        200,
      );
    }
  });

  it('[HT48] reading needs no origin, but only pages of configured origins see the answer', async () => {
    const read = (origin: string) =>
      request(served.url).get('/things').set({ origin, 'sec-fetch-site': 'cross-site' });
    const foreign = await read('http://evil.example');
    expect(foreign.status).toBe(200);
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    const own = await read('tauri://localhost');
    expect(own.headers['access-control-allow-origin']).toBe('tauri://localhost');
    for (const name of ['ETag', 'X-Next-Cursor', 'Retry-After', 'X-Request-Id', 'X-Event-Position']) {
      expect(own.headers['access-control-expose-headers']).toContain(name);
    }
    for (const { headers } of [foreign, own]) expect(headers.vary).toBe('Origin');
    expect((await request(strict.url).get('/things')).headers).not.toHaveProperty('vary');
  });

  it('[HT49] preflights are answered for configured origins only', async () => {
    const preflight = (url: string, origin: string) =>
      request(url).options('/things').set({
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization',
      });
    const own = await preflight(served.url, 'https://app.example');
    expect(own.status).toBe(204);
    expect(own.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(own.headers['access-control-allow-methods']).toContain('PATCH');
    expect(own.headers['access-control-allow-headers']).toContain('Authorization');
    expect(own.headers).not.toHaveProperty('access-control-allow-credentials');
    for (const [url, origin] of [
      [served.url, 'https://evil.example'],
      [served.url, 'null'],
      [strict.url, 'https://app.example'],
    ] as const) {
      expect(Object.keys((await preflight(url, origin)).headers).join()).not.toContain('access-control');
    }
  });

  it('[HT50] every response has the security headers, and no header that would force TLS on plain http', async () => {
    for (const path of ['/things', '/nothing']) {
      const { headers } = await request(served.url).get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(headers).not.toHaveProperty('strict-transport-security');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
    const behindTls = await serveEndpoints(endpoints, { settings: { https: true } });
    const { headers } = await request(behindTls.url).get('/things');
    await behindTls.stop();
    expect(headers['strict-transport-security']).toMatch(/max-age=\d+/);
  });

  it('[HT51] the guards judge headers alone, so that a socket can be held to the same', () => {
    const isOurs = hostGuard(['maestro.example']);
    const claim = (host: string) => ({ url: '/ws', headers: { host }, rawHeaders: ['Host', host] });
    expect(isOurs(claim('maestro.example:3000'))).toBe(true);
    expect(isOurs(claim('evil.example'))).toBe(false);
    const isFriendly = originGuard(['tauri://localhost']);
    expect(isFriendly({ host: 'localhost:3000', origin: 'http://evil.example' })).toBe(false);
    expect(isFriendly({ host: 'localhost:3000', origin: 'tauri://localhost' })).toBe(true);
    expect(isFriendly({ host: 'localhost:3000', origin: 'http://localhost:3000' })).toBe(true);
    expect(isFriendly({ host: 'localhost:3000' })).toBe(true);
  });
});

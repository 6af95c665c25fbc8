import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { startFakeServer, startProxyServer } from '../support/servers/start-proxy-server.ts';

/** A server that answers with what it was sent. */
const startEcho = () =>
  startFakeServer(async (req, res) => {
    const body = await text(req);
    res.writeHead(418, {
      'content-type': 'application/json',
      'x-passed-on': 'yes',
      'access-control-allow-origin': '*',
    });
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }));
  });

/** Sends a request with exactly these headers. */
async function send(url: string, method: string, headers: Record<string, string>, body?: string) {
  const req = request(url, { method, headers, agent: false });
  req.end(body);
  const [res] = await once(req, 'response');
  const received = await text(res);
  return { status: res.statusCode, headers: res.headers, body: JSON.parse(received || 'null') };
}

describe('a proxy', () => {
  it('[PX2] replaces every credential with its own token, and passes on nothing about the page that sent the request', async () => {
    const { url } = await startEcho();
    const proxy = await startProxyServer(`${url}/maestro/`, 'secret-token', {
      allowedOrigins: ['http://page.example'],
    });
    const { body } = await send(`${proxy}/api/tasks?projectId=p1`, 'GET', {
      authorization: 'Bearer of-the-client',
      cookie: 'a=b',
      origin: 'http://page.example',
      referer: 'http://page.example/x',
      'sec-fetch-site': 'cross-site',
      'x-forwarded-for': '10.0.0.1',
      'x-request-id': 'request-0001',
      connection: 'close, x-hop',
      'x-hop': '1',
    });
    expect(body.url).toBe('/maestro/api/tasks?projectId=p1');
    expect(body.headers).toEqual({
      authorization: 'Bearer secret-token',
      host: new URL(url).host,
      'x-request-id': 'request-0001',
      connection: 'close',
    });
  });

  it('[PX3] hands on methods, bodies and answers as they are', async () => {
    const { url } = await startEcho();
    const proxy = await startProxyServer(url, 'secret-token');
    const json = { 'content-type': 'application/json' };
    const big = JSON.stringify({ content: 'x'.repeat(300_000) });
    for (const [method, headers, body] of [
      ['POST', json, big],
      ['POST', { ...json, 'transfer-encoding': 'chunked' }, '{"a":1}'],
      ['DELETE', { ...json, 'transfer-encoding': 'chunked' }, '{"a":1}'],
      ['POST', { ...json, 'content-length': '0' }, undefined],
      ['GET', json, undefined],
      ['PATCH', { ...json, 'if-match': '"3"' }, '{}'],
    ] as const) {
      const reply = await send(`${proxy}/api/things`, method, headers, body);
      expect(reply.status).toBe(418);
      expect(reply.headers).toMatchObject({ 'x-passed-on': 'yes' });
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
      expect(reply.body).toMatchObject({
        method,
        body: body ?? '',
        headers: { 'content-type': json['content-type'] },
      });
    }
  });

  it('[HT93] takes the path of the server off the Location of what was created', async () => {
    const { url } = await startFakeServer((_, res) =>
      res.writeHead(201, { location: '/maestro/api/tasks/t1' }).end('{}'),
    );
    const proxy = await startProxyServer(`${url}/maestro`, 'secret-token');
    const reply = await fetch(`${proxy}/api/tasks`, { method: 'POST', body: '{}' });
    expect(reply.headers.get('location')).toBe('/api/tasks/t1');
    const other = await startProxyServer(url, 'secret-token');
    const kept = await fetch(`${other}/api/tasks`, { method: 'POST', body: '{}' });
    expect(kept.headers.get('location')).toBe('/maestro/api/tasks/t1');
  });

  it('[PX1] takes connections from this machine alone', async () => {
    const { url } = await startEcho();
    const asked: string[] = [];
    const isNear = (address: string) => asked.push(address) > 100;
    const proxy = await startProxyServer(url, 'secret-token', { isAllowedPeer: isNear });
    await expect(send(proxy, 'GET', {})).rejects.toThrow();
    expect(asked).toEqual(['127.0.0.1']);
  });

  it('[PX5] answers for names of this machine only, and for pages of named origins only', async () => {
    const { url } = await startEcho();
    const page = 'http://localhost:5173';
    const proxy = await startProxyServer(url, 'secret-token', { allowedOrigins: [page] });
    const { port } = new URL(proxy);
    for (const host of [`localhost:${port}`, '127.0.0.1', `[::1]:${port}`]) {
      expect((await send(proxy, 'GET', { host })).status).toBe(418);
    }
    for (const host of ['evil.example', `localhost.evil.example:${port}`]) {
      expect((await send(proxy, 'GET', { host })).body).toMatchObject({
        code: 'MISDIRECTED_REQUEST',
        statusCode: 421,
      });
    }
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const { status, headers: received, body } = await send(proxy, 'GET', headers as Record<string, string>);
      expect([status, body.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
      expect(received).not.toHaveProperty('access-control-allow-origin');
    }
    const read = await send(proxy, 'GET', { origin: page });
    expect(read.headers).toMatchObject({ 'access-control-allow-origin': page, vary: 'Origin' });
    const preflight = { origin: page, 'access-control-request-method': 'PATCH' };
    const { status, headers } = await send(proxy, 'OPTIONS', preflight);
    expect([status, headers['access-control-allow-origin']]).toEqual([204, page]);
    expect(headers['access-control-allow-methods']).toContain('PATCH');
    const foreign = await send(proxy, 'OPTIONS', { ...preflight, origin: 'http://evil.example' });
    expect(foreign.status).toBe(403);
  });

  it('[PX7] says so in the one shape of errors when there is no server, or no token', async () => {
    const { url, stop } = await startEcho();
    const proxy = await startProxyServer(url, 'secret-token');
    await stop();
    const { status, headers, body } = await send(`${proxy}/api/tasks`, 'POST', {}, '{"a":1}');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body).toMatchObject({ error: true, code: 'NOT_READY', message: `No server answers at ${url}.` });
    const without = await startProxyServer(url, async () => {
      throw new AppError('NOT_READY', 'The file holds no token.');
    });
    expect((await send(without, 'GET', {})).body).toMatchObject({ message: 'The file holds no token.' });
  });

  it('[PX9] lets go of a request whose client has gone away, and breaks an answer off that breaks off', async () => {
    let received: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => {
      received = resolve;
    });
    const { url } = await startFakeServer((req, res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('begun');
      if (req.url === '/breaks') setImmediate(() => res.destroy());
      else res.once('close', received);
    });
    const proxy = await startProxyServer(url, 'secret-token');
    const going = request(`${proxy}/waits`, { agent: false });
    going.on('error', () => {}).end();
    const [answer] = await once(going, 'response');
    await once(answer, 'data');
    going.destroy();
    await closed;
    const breaking = request(`${proxy}/breaks`, { agent: false });
    breaking.end();
    const [broken] = await once(breaking, 'response');
    await expect(text(broken)).rejects.toThrow('aborted');
  });
});

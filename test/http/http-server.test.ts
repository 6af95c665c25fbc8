import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpServer } from '../../src/http/http-server.ts';
import { createGate } from '../support/time/gate.ts';

const soon = { headers: 100, request: 200, idle: 65_000, checkInterval: 10 };

describe('the HTTP server', () => {
  let server: HttpServer;
  let url: string;
  const agent = new Agent({ keepAlive: true });
  beforeEach(() => start(new HttpServer()));
  afterEach(async () => {
    agent.destroy();
    await server.stop(0);
  });

  async function start(one: HttpServer): Promise<void> {
    server = one;
    url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  }

  async function get(path: string): Promise<IncomingMessage & { text: string }> {
    const sent = httpRequest(url + path, { agent }).end();
    const [reply]: [IncomingMessage] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of reply) text += chunk;
    return Object.assign(reply, { text });
  }

  async function open(text: string): Promise<Socket> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }

  it('[HT64] until it is given an app, everything except /health is NOT_READY, with Retry-After', async () => {
    expect(server.isReady).toBe(false);
    const reply = await get('/api/tasks');
    expect(reply.statusCode).toBe(503);
    expect(JSON.parse(reply.text)).toMatchObject({
      error: true,
      code: 'NOT_READY',
      requestId: reply.headers['x-request-id'],
    });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/ready')).statusCode).toBe(503);
    const health = await get('/health');
    expect(health.statusCode).toBe(200);
    expect(JSON.parse(health.text)).toMatchObject({
      status: 'ok',
      timestamp: expect.any(Number),
      uptime: expect.any(Number),
    });
    server.serve((_, res) => res.end('served'));
    expect(server.isReady).toBe(true);
    expect((await get('/api/tasks')).text).toBe('served');
  });

  it('[HT65] stopping lets running requests finish, takes no more, and closes every connection', async () => {
    const [arrived, release] = [createGate(), createGate()];
    server.serve((_, res) => {
      arrived.open();
      void release.opened.then(() => res.end('finished'));
    });
    const slow = get('/slow');
    await arrived.opened;
    const idle = await open('');
    const stopped = server.stop(60_000);
    expect(server.isReady).toBe(false);
    await once(idle, 'close');
    await expect(open('')).rejects.toThrow('ECONNREFUSED');
    release.open();
    const reply = await slow;
    expect(reply.text).toBe('finished');
    expect(reply.headers.connection).toBe('close');
    await stopped;
  });

  it('[HT65] an answer that was under way when stopping began is sent to its end, and its connection closed', async () => {
    const [arrived, release] = [createGate(), createGate()];
    server.serve((_, res) => {
      res.write('first, ');
      arrived.open();
      void release.opened.then(() => res.end('last'));
    });
    const slow = get('/slow');
    await arrived.opened;
    const stopped = server.stop(60_000);
    release.open();
    expect((await slow).text).toBe('first, last');
    await stopped;
  });

  it('[HT66] a connection that sends another request while the server stops gets NOT_READY and is closed', async () => {
    const [arrived, release] = [createGate(), createGate()];
    server.serve((_, res) => {
      res.write('first, ');
      arrived.open();
      void release.opened.then(() => res.end('last'));
    });
    const socket = await open('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived.opened;
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    const stopped = server.stop(60_000);
    const another = once(server.nodeServer, 'request');
    socket.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n');
    await another;
    release.open();
    await once(socket, 'close');
    expect(text).toMatch(/ 200 OK.*first, .*last.* 503 .*Connection: close.*NOT_READY/s);
    await stopped;
  });

  it('[HT67] waiting requests are answered at once when the server stops, and connections that stay open are cut', async () => {
    const arrived = createGate();
    server.serve((req, res) => {
      if (req.url === '/wait')
        server.shutdownSignal.addEventListener('abort', () => res.end('nothing came'), { once: true });
      else arrived.open();
    });
    const waiting = get('/wait');
    const stubborn = get('/stubborn').catch((error: Error) => error.message);
    await arrived.opened;
    await server.stop(50);
    expect((await waiting).text).toBe('nothing came');
    expect(await stubborn).toMatch(/hang up|ECONNRESET|aborted/);
  });

  it('[HT68] it may be stopped twice, where the second waits for the first, and before it listened', async () => {
    const [arrived, release] = [createGate(), createGate()];
    server.serve((_, res) => {
      arrived.open();
      void release.opened.then(() => res.end('finished'));
    });
    const slow = get('/slow');
    await arrived.opened;
    const order: string[] = [];
    const stops = [1, 2].map((n) => server.stop(60_000).then(() => order.push(`stop ${n}`)));
    await new Promise(setImmediate);
    order.push('release');
    release.open();
    await Promise.all([slow, ...stops]);
    expect(order).toEqual(['release', 'stop 1', 'stop 2']);
    await server.stop(1000);
    await new HttpServer().stop(1000);
  });

  it('[HT69] a client that does not get on with its headers is cut off', async () => {
    await server.stop(0);
    await start(new HttpServer({ ...soon, request: 60_000 }));
    const socket = await open('GET / HT');
    socket.resume();
    await once(socket, 'close');
  });

  it('[HT69] a client that does not get on with its body is cut off; a slow answer is not', async () => {
    await server.stop(0);
    await start(new HttpServer(soon));
    const release = createGate();
    server.serve((req, res) => {
      req.resume();
      if (req.url === '/slow') void release.opened.then(() => res.end('finished'));
    });
    const slow = get('/slow');
    const socket = await open('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    socket.resume();
    await once(socket, 'close');
    release.open();
    expect((await slow).text).toBe('finished');
  });

  it('[HT82] what is no request, too large or too late is answered in the shape of every error, and closed', async () => {
    await server.stop(0);
    await start(new HttpServer(soon));
    server.serve((req) => void req.resume());
    const cases: [string, number, string][] = [
      ['GET / HT', 408, 'REQUEST_TIMEOUT'],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc', 408, 'REQUEST_TIMEOUT'],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
      ['nonsense\r\n\r\n', 400, 'BAD_REQUEST'],
    ];
    for (const [sent, statusCode, code] of cases) {
      const socket = await open(sent);
      let text = '';
      for await (const chunk of socket) text += chunk;
      const [head = '', body = ''] = text.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${statusCode} [A-Z]`));
      expect(JSON.parse(body)).toMatchObject({
        error: true,
        statusCode,
        code,
        requestId: expect.any(String),
      });
    }
  });

  it('[HT82] an answer that has begun is cut off rather than followed by another', async () => {
    server.serve((_, res) => void res.write('begun'));
    const socket = await open('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    expect(text).not.toContain('BAD_REQUEST');
  });

  it('[HT70] a port that is taken is the error of the system', async () => {
    const other = new HttpServer();
    await expect(other.listen('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeServer, onWebSocketUpgrade } from '../../../src/http/boundary/node-server.ts';
import { createGate } from '../../support/time/gate.ts';

const upgrade = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n';

describe('the server of Node', () => {
  let server: Server;
  let release: ReturnType<typeof createGate>;
  beforeEach(async () => {
    server = createNodeServer();
    release = createGate();
    server.on('request', async (req, res) => {
      const body = await text(req);
      if (req.url === '/slow') await release.opened;
      res.end(`${req.method} ${req.url} ${body || 'nothing'} ${req.headers.upgrade ?? 'plain'};`);
    });
    onWebSocketUpgrade(server, (_, socket) => void socket.end('HTTP/1.1 101 Switching\r\n\r\nsocket'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });

  function open() {
    return connect((server.address() as AddressInfo).port, '127.0.0.1');
  }

  /** Everything that comes back until the server closes the connection. */
  async function exchange(sent: string): Promise<string> {
    const socket = open();
    socket.write(sent);
    return text(socket);
  }

  const last = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

  it('[HT92] an upgrade to anything but WebSocket is ignored, and the connection goes on', async () => {
    const answer = await exchange(`GET /a?b=%C3%A4 HTTP/1.1\r\n${upgrade}\r\n${last}`);
    expect(answer).toMatch(/^HTTP\/1.1 200 .*GET \/a\?b=%C3%A4 nothing plain;HTTP\/1.1 200 .*GET \/last /s);
  });

  it('[HT92] the body is read, whether its length is given or it comes in chunks, at once or later', async () => {
    for (const [headers, body] of [
      ['Content-Length: 5', 'hello'],
      ['Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ]) {
      const head = `POST /a HTTP/1.1\r\n${upgrade}${headers}\r\n\r\n`;
      expect(await exchange(head + body + last)).toMatch(/POST \/a hello plain;.*GET \/last nothing/s);
      const socket = open();
      const served = once(server, 'request');
      socket.write(head);
      await served;
      socket.write(body + last);
      expect(await text(socket)).toMatch(/POST \/a hello plain;.*GET \/last nothing/s);
    }
  });

  it('[HT92] one that follows another on its connection, or several, is answered in its turn', async () => {
    const arrived = once(server, 'upgrade');
    const answer = exchange(
      `GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n${upgrade}\r\nGET /c HTTP/1.1\r\n${upgrade}\r\n${last}`,
    );
    await arrived;
    release.open();
    expect(await answer).toMatch(/GET \/slow .*GET \/b nothing plain;.*GET \/c nothing plain;.*GET \/last/s);
  });

  it('[HT92] a client that disconnects while it waits for its turn harms nobody', async () => {
    const socket = open();
    const arrived = once(server, 'request');
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived;
    const offered = once(server, 'upgrade');
    socket.write(`GET /b HTTP/1.1\r\n${upgrade}\r\n`);
    await offered;
    socket.resetAndDestroy();
    await once(socket, 'close');
    release.open();
    expect(await exchange(last)).toContain('GET /last');
  });

  it('[HT92] one with more headers than are kept is rejected, as its length may be among the rest', async () => {
    server.maxHeadersCount = 50;
    const more = Array.from({ length: 60 }, (_, i) => `X-${i}: x\r\n`).join('');
    const answer = await exchange(
      `POST /a HTTP/1.1\r\n${upgrade}${more}Content-Length: ${last.length}\r\n\r\n${last}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 431 .*"code":"HEADERS_TOO_LARGE"/s);
    expect(answer).not.toContain('GET /last');
  });

  it('[HT92] an upgrade to WebSocket gets its socket', async () => {
    const answer = await exchange(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 101 .*socket$/s);
  });

  it('[HT91] an unknown expectation and CONNECT are answered in the shape of every error', async () => {
    const headers = 'Host: x\r\nConnection: close\r\nX-Request-Id: request_1\r\n';
    for (const [request, statusCode, code] of [
      [`POST / HTTP/1.1\r\n${headers}Expect: tea\r\n\r\n`, 417, 'EXPECTATION_FAILED'],
      [`CONNECT example.com:443 HTTP/1.1\r\n${headers}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
    ] as const) {
      const [head = '', body = ''] = (await exchange(request)).split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${statusCode} [A-Z].*X-Request-Id: request_1`, 'is'));
      expect(JSON.parse(body)).toMatchObject({ error: true, statusCode, code, requestId: 'request_1' });
    }
  });

  it('[HT91] the expectation 100-continue is met', async () => {
    const answer = await exchange(
      'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
    );
    expect(answer).toMatch(/^HTTP\/1.1 100 Continue.*HTTP\/1.1 200 .*POST \/ hi/s);
  });
});

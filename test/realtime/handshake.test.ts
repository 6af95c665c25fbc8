import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode, errorCodes } from '../../src/domain/errors.ts';
import { errorStatus } from '../../src/http/boundary/error-status.ts';
import { expectRetryAfter } from '../support/retry-after.ts';
import {
  type RealtimeHarness,
  type RealtimeOptions,
  startRealtime,
} from '../support/servers/start-realtime.ts';
import type { HandshakeRejectedError, TestSocketOptions } from '../support/servers/test-socket.ts';
import { createGate } from '../support/time/gate.ts';

const everything = { role: 'admin', projects: ['*'] } as const;

describe('a handshake', () => {
  let harness: RealtimeHarness;
  let token: string;

  async function start(options?: RealtimeOptions) {
    harness = await startRealtime(options);
    token = await harness.createToken({ ...everything, subject: 'ada' });
  }
  beforeEach(() => start());
  afterEach(() => harness.stop());

  async function rejectionOf(options: TestSocketOptions): Promise<HandshakeRejectedError> {
    const outcome = await harness.openSocket(options).catch((error: unknown) => error);
    expect(outcome).toHaveProperty('status');
    return outcome as HandshakeRejectedError;
  }

  it('[RT4] takes a token as header and greets with who the client is', async () => {
    const socket = await harness.openSocket({ token });
    expect(await socket.waitForFrame(() => true)).toMatchObject({
      type: 'welcome',
      protocol: 'maestro.v1',
      actor: { subject: 'ada', role: 'admin', projects: ['*'] },
      tokenExpiresAt: expect.any(Number),
      pingIntervalMs: 25_000,
      limits: { subscriptions: 100, frameBytes: 65_536 },
    });
  });

  it('[RT4] accepts a token as a subprotocol and answers with its own name only, also when the token is listed first', async () => {
    for (const protocols of [
      ['maestro.v1', `maestro.bearer.${token}`],
      [`maestro.bearer.${token}`, 'maestro.v1'],
    ]) {
      const socket = await harness.openSocket({ protocols });
      expect(socket.ws.protocol).toBe('maestro.v1');
    }
  });

  it('[RT4] works at the root as at /ws, and nowhere else', async () => {
    await harness.openSocket({ token, path: '/' });
    expect(await rejectionOf({ token, path: '/socket' })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('[RT8] takes a ticket once, however many try at the same time', async () => {
    const { body } = await harness.send('POST', '/api/ws/tickets', { token });
    expect(body.ticket).toMatch(/^[0-9a-f]{64}$/);
    const attempts = Array.from({ length: 8 }, () =>
      harness.openSocket({ path: `/ws?ticket=${body.ticket}` }),
    );
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason.status).toBe(401);
  });

  it('[RT8] accepts no ticket that is older than 30 seconds or comes from a revoked token', async () => {
    const late = (await harness.send('POST', '/api/ws/tickets', { token })).body.ticket;
    harness.tick(30_001);
    expect(await rejectionOf({ path: `/ws?ticket=${late}` })).toMatchObject({ status: 401 });
    const other = await harness.createToken({ ...everything, subject: 'eve' });
    const { tokenId } = (await harness.send('GET', '/api/whoami', { token: other })).body;
    const { ticket } = (await harness.send('POST', '/api/ws/tickets', { token: other })).body;
    await harness.send('DELETE', `/api/tokens/${tokenId}`, { token });
    expect(await rejectionOf({ path: `/ws?ticket=${ticket}` })).toMatchObject({ status: 401 });
  });

  it('[RT5] without a credential, or with an invalid one, is 401 with the reason', async () => {
    const expired = await harness.createToken(everything, { expiresAt: Date.now() - 60_000 });
    const revoked = await harness.createToken(everything, { revokedAt: 1 });
    for (const bad of [undefined, 'nonsense', expired, revoked]) {
      const { status, body, headers } = await rejectionOf({ token: bad });
      expect({ status, code: body.code }).toEqual({ status: 401, code: 'UNAUTHORIZED' });
      expect(body).toMatchObject({ error: true, statusCode: 401, requestId: expect.any(String) });
      expect(headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  it('[RT5] for another host is 421', async () => {
    expect(await rejectionOf({ token, headers: { host: 'evil.example' } })).toMatchObject({ status: 421 });
  });

  it('[RT5] of a page is let in from the configured origins exactly', async () => {
    await harness.stop();
    await start({ origins: ['https://board.example', 'tauri://localhost'] });
    for (const origin of ['https://board.example', 'tauri://localhost']) {
      await harness.openSocket({ token, headers: { origin } });
    }
    for (const origin of [
      'https://evil.example',
      'https://board.example.evil.example',
      'https://board.example:444',
      'http://board.example',
      'null',
      '*',
    ]) {
      expect(await rejectionOf({ token, headers: { origin } }), origin).toMatchObject({
        status: 403,
        body: { code: 'ORIGIN_NOT_ALLOWED' },
      });
    }
  });

  it('[RT6] with a credential in the URL is rejected, and the credential is not logged', async () => {
    for (const name of ['token', 'access_token', 'jwt', 'apikey', 'Token', 'api_key']) {
      const { status, body } = await rejectionOf({ token, path: `/ws?${name}=${token}` });
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'BAD_REQUEST' });
    }
    expect(harness.logged.length).toBeGreaterThan(0);
    expect(harness.logged.join()).not.toContain(token);
  });

  it('[RT5] with several credentials, an unknown parameter or a foreign subprotocol is 400', async () => {
    const protocols = ['maestro.v1', `maestro.bearer.${token}`];
    expect(await rejectionOf({ token, protocols })).toMatchObject({ status: 400 });
    expect(await rejectionOf({ token, path: '/ws?chanels=workspace' })).toMatchObject({ status: 400 });
    expect(await rejectionOf({ token, protocols: ['graphql-ws'] })).toMatchObject({ status: 400 });
  });

  it('[RT5] is 503 while the server starts or stops, and when it has no more room', async () => {
    harness.setReady(false);
    const { status, headers } = await rejectionOf({ token });
    expect({ status, retry: Number(headers['retry-after']) > 0 }).toEqual({ status: 503, retry: true });
    await harness.stop();
    await start({ limits: { connections: 1 } });
    await harness.openSocket({ token });
    expect(await rejectionOf({ token })).toMatchObject({ status: 503 });
  });

  it('[HT83] that is rejected says when to come back if that helps, and only then', async () => {
    await harness.stop();
    let code: ErrorCode = 'NOT_READY';
    await start({
      authenticator: () => ({
        verify: () => Promise.reject(new AppError(code, 'Rejected.')),
      }),
    });
    for (code of errorCodes) {
      const { status, body, headers } = await rejectionOf({ token });
      expect([status, body.code]).toEqual([errorStatus[code], code]);
      expectRetryAfter(code, headers['retry-after']);
    }
  });

  it('[RT24] is 429 for a subject with as many connections as it may have, and another one gets in', async () => {
    await harness.stop();
    await start({ limits: { connectionsPerSubject: 2 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => harness.openSocket({ token })));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await rejectionOf({ token })).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    await harness.openSocket({ token: await harness.createToken({ ...everything, subject: 'eve' }) });
  });

  it('[RT24] rejected too often from one address becomes 429, and a valid credential is still accepted', async () => {
    await harness.stop();
    await start({ limits: { failuresPerMinute: 3 } });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await rejectionOf({ token: 'nonsense' })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    await harness.openSocket({ token });
  });

  it('[RT5] that is reset while its credential is checked harms nobody', async () => {
    const asked = createGate();
    const answer = createGate();
    await harness.stop();
    await start({
      authenticator: (real) => ({
        async verify(given) {
          asked.open();
          await answer.opened;
          return real.verify(given);
        },
      }),
    });
    const socket = connect(Number(new URL(harness.url).port), '127.0.0.1');
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await asked.opened;
    socket.resetAndDestroy();
    answer.open();
    await harness.openSocket({ token });
    await harness.bridge.status();
  });

  it('[RT5] whose check takes too long is given up', async () => {
    const answer = createGate();
    await harness.stop();
    await start({
      limits: { handshakeMs: 20 },
      authenticator: (real) => ({
        async verify(given) {
          await answer.opened;
          return real.verify(given);
        },
      }),
    });
    expect(await rejectionOf({ token })).toMatchObject({ status: 503 });
    answer.open();
  });

  it('[RT5] that is not complete is rejected in the shape of every error', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', authorization: `Bearer ${token}` };
    const [reply] = await once(request(`${harness.url}/ws`, { headers }).end(), 'response');
    expect(reply.statusCode).toBe(400);
    expect(await json(reply)).toMatchObject({
      error: true,
      code: 'BAD_REQUEST',
      message: expect.stringMatching(/version 13/),
    });
  });

  it('[HT92] for another protocol than WebSocket is no handshake, so the request is answered', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'h2c' };
    for (const [path, status] of [
      ['/health', 200],
      ['/ws', 404],
      ['/api/tasks', 401],
    ]) {
      const [reply] = await once(request(`${harness.url}${path}`, { headers }).end(), 'response');
      expect(reply.statusCode).toBe(status);
      expect(await json(reply)).toBeTruthy();
    }
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeHarness, startRealtime } from '../../support/servers/start-realtime.ts';
import type { TestSocket } from '../../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';

describe('a connection', () => {
  let harness: RealtimeHarness;
  let admin: string;

  beforeEach(async () => {
    harness = await startRealtime();
    admin = await harness.createToken({ role: 'admin', projects: ['*'], subject: 'ada' });
  });
  afterEach(() => harness.stop());

  const expiring = (inMs: number) =>
    harness.createToken({ role: 'admin', projects: ['*'], subject: 'eve' }, { expiresAt: Date.now() + inMs });
  const bye = (socket: TestSocket) => socket.waitForFrame(({ type }) => type === 'bye');

  it('[RT18] gets a notice a minute before its token expires, and is closed with 4200 when it does', async () => {
    const socket = await harness.openSocket({ token: await expiring(90_000) });
    harness.tick(29_000);
    await socket.drain();
    expect(socket.frames.map(({ type }) => type)).toEqual(['welcome', 'pong']);
    harness.tick(1500);
    harness.tick(1000);
    await socket.drain();
    expect(socket.frames.filter(({ type }) => type === 'token_expiring')).toHaveLength(1);
    harness.tick(60_000);
    expect(await bye(socket)).toMatchObject({ code: 4200 });
    expect((await socket.closed).code).toBe(4200);
  });

  it('[RT18] lives on with another token of the same subject', async () => {
    const socket = await harness.openSocket({ token: await expiring(90_000) });
    const token = await expiring(500_000);
    const answer = await socket.request({ type: 'auth', token });
    expect(answer).toMatchObject({ type: 'authenticated', tokenExpiresAt: expect.any(Number) });
    harness.tick(100_000);
    await socket.drain();
  });

  it('[RT18] is closed by 4502 for a token of another subject, and keeps its own after a bad one', async () => {
    const socket = await harness.openSocket({ token: admin });
    expect(await socket.request({ type: 'auth', token: 'nonsense' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    });
    socket.send({ type: 'auth', token: await expiring(90_000) });
    expect((await socket.closed).code).toBe(4502);
  });

  it('[RT18] loses the channels that its next token does not reach', async () => {
    const { project, taskIds } = await projectWithTasks(harness, 'One');
    const other = await projectWithTasks(harness, 'Two');
    const socket = await harness.openSocket({ token: admin });
    for (const { id } of [project, other.project])
      await socket.request({ type: 'subscribe', channel: `project:${id}` });
    const token = await harness.createToken({ role: 'viewer', projects: [other.project.id], subject: 'ada' });
    await socket.request({ type: 'auth', token });
    expect(socket.frames.slice(-2)).toMatchObject([
      { type: 'unsubscribed', channel: `project:${project.id}`, reason: 'NOT_FOUND' },
      { type: 'authenticated' },
    ]);
    await harness.services.tasks.update(createCall(), taskIds[0] ?? '', { title: 'Unheard' });
    await harness.services.tasks.update(createCall(), other.taskIds[0] ?? '', { title: 'Heard' });
    await socket.drain();
    expect(socket.events().map(({ data }) => data.title)).toEqual(['Heard']);
  });

  it('[RT19] is closed by 4201 within a second when its token is revoked', async () => {
    const socket = await harness.openSocket({ token: admin });
    const { tokenId } = (await harness.send('GET', '/api/whoami', { token: admin })).body;
    await harness.send('DELETE', `/api/tokens/${tokenId}`, { token: admin });
    harness.tick(1000);
    expect((await socket.closed).code).toBe(4201);
  });

  it('[RT20] is pinged every 25 seconds, each at its own time, and closed by 4002 when it does not answer', async () => {
    const sockets = await Promise.all(Array.from({ length: 12 }, () => harness.openSocket({ token: admin })));
    const silent = await harness.openSocket({ token: admin, client: { autoPong: false } });
    const firstPings = new Map<TestSocket, number>();
    let second = 0;
    for (const socket of sockets) {
      socket.ws.on('ping', () => firstPings.set(socket, firstPings.get(socket) ?? second));
    }
    for (; second < 36; second++) {
      harness.tick(1000);
      await Promise.all(sockets.map((socket) => socket.drain()));
    }
    expect(firstPings.size).toBe(sockets.length);
    expect(Math.max(...firstPings.values())).toBeLessThanOrEqual(25);
    expect(new Set(firstPings.values()).size).toBeGreaterThan(3);
    expect((await silent.closed).code).toBe(4002);
    expect(harness.bridge.size).toBe(sockets.length);
  });

  it('[RT22] is told when to reconnect and closed with 4000 when the server stops, and no new connection is accepted then', async () => {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => harness.openSocket({ token: admin })));
    const drained = harness.bridge.drain(10_000);
    const rejected = await harness.openSocket({ token: admin }).catch((error: unknown) => error);
    expect(rejected).toMatchObject({ status: 503 });
    const byes = await Promise.all(sockets.map(bye));
    for (const { code, reconnectAfterMs } of byes) {
      expect(code).toBe(4000);
      expect(reconnectAfterMs).toBeGreaterThanOrEqual(500);
    }
    expect(new Set(byes.map(({ reconnectAfterMs }) => reconnectAfterMs)).size).toBeGreaterThan(1);
    await drained;
    for (const { closed } of sockets) expect((await closed).code).toBe(4000);
    expect(harness.bridge.size).toBe(0);
  });

  it('[RT24] that sends too many commands hears so, and is closed by 4101 when it goes on', async () => {
    const socket = await harness.openSocket({ token: admin });
    for (let i = 0; i < 62; i++) socket.send({ type: 'ping' });
    await socket.waitForFrame(({ error }) => error?.code === 'RATE_LIMITED');
    await socket.waitForFrame(() => socket.frames.filter(({ type }) => type === 'pong').length >= 60);
    for (let i = 0; i < 200; i++) socket.send({ type: 'ping' });
    expect(await socket.closed).toMatchObject({ code: 4101, reason: 'The client sends too many commands.' });
  });

  it('[RT24] that does nothing but wrong is closed', async () => {
    await harness.stop();
    harness = await startRealtime({ limits: { errorBurst: 3, errorsPerSecond: 0.001 } });
    const socket = await harness.openSocket({
      token: await harness.createToken({ role: 'admin', projects: ['*'] }),
    });
    for (let i = 0; i < 4; i++) socket.send({ type: 'subscribe', channel: `task:none${i}` });
    expect(await socket.closed).toMatchObject({ code: 4506, reason: 'The client makes too many errors.' });
  });

  it('[RT29] is reported to admins, and to nobody else', async () => {
    const { project } = await projectWithTasks(harness);
    const socket = await harness.openSocket({ token: admin });
    await socket.request({ type: 'subscribe', channel: `project:${project.id}` });
    const { body } = await harness.send('GET', '/ws-status', { token: admin });
    expect(body).toEqual({
      connectedClients: 1,
      clients: [
        {
          readyState: 1,
          readyStateText: 'OPEN',
          connectionId: expect.any(String),
          subject: 'ada',
          address: expect.stringContaining('127.0.0.1'),
          openedAt: expect.any(Number),
          channels: [`project:${project.id}`],
          waitingBytes: 0,
        },
      ],
    });
    const member = await harness.createToken({ role: 'member', projects: ['*'] });
    expect((await harness.send('GET', '/ws-status', { token: member })).status).toBe(403);
  });
});

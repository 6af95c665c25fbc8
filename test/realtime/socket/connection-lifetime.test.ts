import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeHarness, startRealtime } from '../../support/servers/start-realtime.ts';
import type { TestSocket } from '../../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';

describe('a connection', () => {
  let bench: RealtimeHarness;
  let admin: string;

  beforeEach(async () => {
    bench = await startRealtime();
    admin = await bench.createToken({ role: 'admin', projects: ['*'], subject: 'ada' });
  });
  afterEach(() => bench.stop());

  const expiring = (inMs: number) =>
    bench.createToken({ role: 'admin', projects: ['*'], subject: 'eve' }, { expiresAt: Date.now() + inMs });
  const bye = (tap: TestSocket) => tap.waitForFrame(({ type }) => type === 'bye');

  it('[RT18] is told a minute before its token expires, and closed by 4200 when it does', async () => {
    const tap = await bench.openSocket({ token: await expiring(90_000) });
    bench.tick(29_000);
    await tap.drain();
    expect(tap.frames.map(({ type }) => type)).toEqual(['welcome', 'pong']);
    bench.tick(1500);
    bench.tick(1000);
    await tap.drain();
    expect(tap.frames.filter(({ type }) => type === 'token_expiring')).toHaveLength(1);
    bench.tick(60_000);
    expect(await bye(tap)).toMatchObject({ code: 4200 });
    expect((await tap.closed).code).toBe(4200);
  });

  it('[RT18] lives on with another token of the same subject', async () => {
    const tap = await bench.openSocket({ token: await expiring(90_000) });
    const token = await expiring(500_000);
    const answer = await tap.request({ type: 'auth', token });
    expect(answer).toMatchObject({ type: 'authenticated', tokenExpiresAt: expect.any(Number) });
    bench.tick(100_000);
    await tap.drain();
  });

  it('[RT18] is closed by 4502 for a token of another subject, and keeps its own after a bad one', async () => {
    const tap = await bench.openSocket({ token: admin });
    expect(await tap.request({ type: 'auth', token: 'nonsense' })).toMatchObject({
      error: { code: 'unauthorized' },
    });
    tap.send({ type: 'auth', token: await expiring(90_000) });
    expect((await tap.closed).code).toBe(4502);
  });

  it('[RT18] loses the channels that its next token does not reach', async () => {
    const { project, taskIds } = await projectWithTasks(bench, 'One');
    const other = await projectWithTasks(bench, 'Two');
    const tap = await bench.openSocket({ token: admin });
    for (const { id } of [project, other.project])
      await tap.request({ type: 'subscribe', channel: `project:${id}` });
    const token = await bench.createToken({ role: 'viewer', projects: [other.project.id], subject: 'ada' });
    await tap.request({ type: 'auth', token });
    expect(tap.frames.slice(-2)).toMatchObject([
      { type: 'unsubscribed', channel: `project:${project.id}`, reason: 'not_found' },
      { type: 'authenticated' },
    ]);
    await bench.services.tasks.update(createCall(), taskIds[0] ?? '', { title: 'Unheard' });
    await bench.services.tasks.update(createCall(), other.taskIds[0] ?? '', { title: 'Heard' });
    await tap.drain();
    expect(tap.events().map(({ data }) => data.title)).toEqual(['Heard']);
  });

  it('[RT19] is closed by 4201 within a second when its token is revoked', async () => {
    const tap = await bench.openSocket({ token: admin });
    const { tokenId } = (await bench.send('GET', '/api/whoami', { token: admin })).body;
    await bench.send('DELETE', `/api/tokens/${tokenId}`, { token: admin });
    bench.tick(1000);
    expect((await tap.closed).code).toBe(4201);
  });

  it('[RT20] is pinged every 25 seconds, each at its own time, and closed by 4002 when it does not answer', async () => {
    const taps = await Promise.all(Array.from({ length: 12 }, () => bench.openSocket({ token: admin })));
    const silent = await bench.openSocket({ token: admin, client: { autoPong: false } });
    const firstPings = new Map<TestSocket, number>();
    let second = 0;
    for (const tap of taps) {
      tap.ws.on('ping', () => firstPings.set(tap, firstPings.get(tap) ?? second));
    }
    for (; second < 36; second++) {
      bench.tick(1000);
      await Promise.all(taps.map((tap) => tap.drain()));
    }
    expect(firstPings.size).toBe(taps.length);
    expect(Math.max(...firstPings.values())).toBeLessThanOrEqual(25);
    expect(new Set(firstPings.values()).size).toBeGreaterThan(3);
    expect((await silent.closed).code).toBe(4002);
    expect(bench.bridge.size).toBe(taps.length);
  });

  it('[RT22] is told when to come back and closed by 4000 when the server stops, which takes nobody in then', async () => {
    const taps = await Promise.all(Array.from({ length: 5 }, () => bench.openSocket({ token: admin })));
    const drained = bench.bridge.drain(10_000);
    const refused = await bench.openSocket({ token: admin }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 503 });
    const byes = await Promise.all(taps.map(bye));
    for (const { code, reconnectAfterMs } of byes) {
      expect(code).toBe(4000);
      expect(reconnectAfterMs).toBeGreaterThanOrEqual(500);
    }
    expect(new Set(byes.map(({ reconnectAfterMs }) => reconnectAfterMs)).size).toBeGreaterThan(1);
    await drained;
    for (const { closed } of taps) expect((await closed).code).toBe(4000);
    expect(bench.bridge.size).toBe(0);
  });

  it('[RT24] that sends too many commands hears so, and is closed by 4101 when it goes on', async () => {
    const tap = await bench.openSocket({ token: admin });
    for (let i = 0; i < 62; i++) tap.send({ type: 'ping' });
    await tap.waitForFrame(({ error }) => error?.code === 'rate_limited');
    await tap.waitForFrame(() => tap.frames.filter(({ type }) => type === 'pong').length >= 60);
    for (let i = 0; i < 200; i++) tap.send({ type: 'ping' });
    expect((await tap.closed).code).toBe(4101);
  });

  it('[RT24] that does nothing but wrong is closed', async () => {
    await bench.stop();
    bench = await startRealtime({ limits: { errorBurst: 3, errorsPerSecond: 0.001 } });
    const tap = await bench.openSocket({
      token: await bench.createToken({ role: 'admin', projects: ['*'] }),
    });
    for (let i = 0; i < 4; i++) tap.send({ type: 'subscribe', channel: `task:none${i}` });
    expect((await tap.closed).code).toBe(4506);
  });

  it('[RT29] is told of to admins, and to nobody else', async () => {
    const { project } = await projectWithTasks(bench);
    const tap = await bench.openSocket({ token: admin });
    await tap.request({ type: 'subscribe', channel: `project:${project.id}` });
    const { body } = await bench.send('GET', '/ws-status', { token: admin });
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
    const member = await bench.createToken({ role: 'member', projects: ['*'] });
    expect((await bench.send('GET', '/ws-status', { token: member })).status).toBe(403);
  });
});

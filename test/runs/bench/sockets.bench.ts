import { afterEach, describe, expect, it } from 'vitest';
import { compareNumbers, writeReport } from './measure.ts';
import { type ServerKind, SocketPool } from './socket-pool.ts';

const subscriberCount = 1000;
const eventCount = 100;

describe('sockets', () => {
  const crowds: SocketPool[] = [];
  afterEach(() => {
    for (const crowd of crowds.splice(0)) crowd.stop();
  });
  async function start(side: ServerKind): Promise<SocketPool> {
    const crowd = await SocketPool.start(side);
    crowds.push(crowd);
    return crowd;
  }

  /** Microseconds of the server for each delivery of an event to one of 1,000 subscribers of one channel. */
  async function fanOut(side: ServerKind): Promise<() => Promise<number>> {
    const crowd = await start(side);
    await crowd.openSockets(subscriberCount, ['project:proj_0']);
    return async () =>
      (await crowd.measureCpu(eventCount, eventCount * subscriberCount)) / (eventCount * subscriberCount);
  }

  it('fan-out against a bare broadcast of one prebuilt buffer: CPU a delivery, goal at most 1.25', async () => {
    const [ours, bare] = [await fanOut('bridge'), await fanOut('bare')];
    expect(await compareNumbers('µs a delivery, bridge against bare ws', ours, bare)).toBeGreaterThan(0);
  });

  it('fan-out against rooms of Socket.IO: CPU a delivery, goal at most 0.8', async () => {
    const [ours, rooms] = [await fanOut('bridge'), await fanOut('rooms')];
    expect(
      await compareNumbers('µs a delivery, bridge against Socket.IO rooms', ours, rooms),
    ).toBeGreaterThan(0);
  });

  it('1,000 sockets over 50 projects: frames sent are frames needed', async () => {
    const crowd = await start('bridge');
    for (let i = 0; i < 50; i++) await crowd.openSockets(20, [`project:proj_${i}`]);
    const arrived = crowd.waitForDeliveries(1000 * 20);
    await crowd.request('publish', { count: 1000, spread: true });
    await arrived;
    await crowd.request('memory');
    writeReport(`1,000 events in 50 projects to 1,000 sockets: ${crowd.received} frames, 20,000 needed`);
    expect(crowd.received).toBe(20_000);
  });

  it('idle memory a connection with three subscriptions against bare ws: goal at most 1.6', async () => {
    async function perConnection(side: ServerKind): Promise<Record<string, number>> {
      const crowd = await start(side);
      const channels = ['project:proj_0', 'project:proj_1', 'workspace'];
      await crowd.openSockets(500, channels);
      const before = await crowd.request('memory');
      await crowd.openSockets(4000, channels);
      const after = await crowd.request('memory');
      const each = (key: string) => ((after[key] ?? 0) - (before[key] ?? 0)) / 4000;
      return { rss: each('rss'), heap: each('heap') };
    }
    const [ours, bare] = [await perConnection('bridge'), await perConnection('bare')];
    for (const key of ['rss', 'heap']) {
      const [mine = 0, floor = 1] = [ours[key], bare[key]];
      writeReport(
        `bytes a connection, ${key}: ratio ${(mine / floor).toFixed(2)}; ${mine.toFixed()} against ${floor.toFixed()}`,
      );
    }
    expect(ours.heap).toBeGreaterThan(0);
  });

  it('the others beside 100 sockets that nobody reads: p99, goal at most 2', async () => {
    async function p99(stalled: number): Promise<number> {
      const crowd = await start('bridge');
      const delays: number[] = [];
      await crowd.openSockets(50, ['project:proj_0'], (text) => {
        const sentAt = Number(/"sentAt":([\d.]+)/.exec(text)?.[1]);
        delays.push(performance.timeOrigin + performance.now() - sentAt);
      });
      for (const socket of await crowd.openSockets(stalled, ['project:proj_0'])) socket.pause();
      await crowd.request('publish', { count: 10_000, everyMs: 1 });
      while (delays.length < 50 * 10_000) await new Promise((resolve) => setTimeout(resolve, 50));
      return delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? 0;
    }
    const alone = await p99(0);
    const beside = await p99(100);
    writeReport(
      `p99 in ms beside 100 stalled sockets: ratio ${(beside / alone).toFixed(2)}; ${beside.toFixed(2)} against ${alone.toFixed(2)}`,
    );
    expect(beside).toBeGreaterThan(0);
  });
});

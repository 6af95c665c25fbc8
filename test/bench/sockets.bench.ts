import { afterEach, describe, expect, it } from 'vitest';
import { compareNumbers, report } from './measure.ts';
import { type Side, SocketCrowd } from './socket-crowd.ts';

const subscribers = 1000;
const count = 100;

describe('sockets', () => {
  const crowds: SocketCrowd[] = [];
  afterEach(() => {
    for (const crowd of crowds.splice(0)) crowd.stop();
  });
  async function start(side: Side): Promise<SocketCrowd> {
    const crowd = await SocketCrowd.start(side);
    crowds.push(crowd);
    return crowd;
  }

  /** Microseconds of the server for each delivery of an event to one of 1,000 subscribers of one channel. */
  async function fanOut(side: Side): Promise<() => Promise<number>> {
    const crowd = await start(side);
    await crowd.join(subscribers, ['project:proj_0']);
    return async () => (await crowd.cost(count, count * subscribers)) / (count * subscribers);
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
    for (let i = 0; i < 50; i++) await crowd.join(20, [`project:proj_${i}`]);
    const arrived = crowd.arrivals(1000 * 20);
    await crowd.ask('publish', { count: 1000, spread: true });
    await arrived;
    await crowd.ask('memory');
    report(`1,000 events in 50 projects to 1,000 sockets: ${crowd.received} frames, 20,000 needed`);
    expect(crowd.received).toBe(20_000);
  });

  it('idle memory a connection with three subscriptions against bare ws: goal at most 1.6', async () => {
    async function perConnection(side: Side): Promise<Record<string, number>> {
      const crowd = await start(side);
      const channels = ['project:proj_0', 'project:proj_1', 'workspace'];
      await crowd.join(500, channels);
      const before = await crowd.ask('memory');
      await crowd.join(4000, channels);
      const after = await crowd.ask('memory');
      const each = (key: string) => ((after[key] ?? 0) - (before[key] ?? 0)) / 4000;
      return { rss: each('rss'), heap: each('heap') };
    }
    const [ours, bare] = [await perConnection('bridge'), await perConnection('bare')];
    for (const key of ['rss', 'heap']) {
      const [mine = 0, floor = 1] = [ours[key], bare[key]];
      report(
        `bytes a connection, ${key}: ratio ${(mine / floor).toFixed(2)}; ${mine.toFixed()} against ${floor.toFixed()}`,
      );
    }
    expect(ours.heap).toBeGreaterThan(0);
  });

  it('the others beside 100 sockets that nobody reads: p99, goal at most 2', async () => {
    async function p99(stalled: number): Promise<number> {
      const crowd = await start('bridge');
      const delays: number[] = [];
      await crowd.join(50, ['project:proj_0'], (text) => {
        const sentAt = Number(/"sentAt":([\d.]+)/.exec(text)?.[1]);
        delays.push(performance.timeOrigin + performance.now() - sentAt);
      });
      for (const socket of await crowd.join(stalled, ['project:proj_0'])) socket.pause();
      await crowd.ask('publish', { count: 10_000, everyMs: 1 });
      while (delays.length < 50 * 10_000) await new Promise((resolve) => setTimeout(resolve, 50));
      return delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.99)] ?? 0;
    }
    const alone = await p99(0);
    const beside = await p99(100);
    report(
      `p99 in ms beside 100 stalled sockets: ratio ${(beside / alone).toFixed(2)}; ${beside.toFixed(2)} against ${alone.toFixed(2)}`,
    );
    expect(beside).toBeGreaterThan(0);
  });
});

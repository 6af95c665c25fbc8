import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type RealtimeHarness,
  type RealtimeOptions,
  startRealtime,
} from '../../support/servers/start-realtime.ts';
import type { TestSocket } from '../../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';
import { nextEventLoopTurn } from '../../support/time/event-loop-turn.ts';

describe('a subscription from a position', () => {
  let bench: RealtimeHarness;
  let token: string;
  let project: string;
  let channel: string;
  let taskIds: string[];
  let reads: string[];

  async function start(options: RealtimeOptions = {}) {
    reads = [];
    bench = await startRealtime({
      onLogRead: (stream, after) => reads.push(`${stream} ${after}`),
      ...options,
    });
    token = await bench.createToken({ role: 'admin', projects: ['*'] });
    const made = await projectWithTasks(bench, 'One', 'Two');
    project = made.project.id;
    channel = `project:${project}`;
    taskIds = made.taskIds;
  }
  beforeEach(() => start());
  afterEach(() => bench.stop());

  const rename = (title: string, task = 0) =>
    bench.services.tasks.update(createCall(), taskIds[task] ?? '', { title });
  const head = () => bench.store.read((reader) => reader.events.head(`project:${project}`));
  const at = async (seq: number) => `${(await head()).epoch}:${seq}`;
  const seqs = (tap: TestSocket) => tap.events().map(({ position }) => Number(position.split(':')[1]));

  it('[RT13] brings what came since from the log, then what comes, in order', async () => {
    const position = await at((await head()).seq);
    for (const title of ['a', 'b', 'c']) await rename(title);
    const tap = await bench.openSocket({ token });
    expect(await tap.request({ type: 'subscribe', channel, since: position })).toMatchObject({
      position,
      recovered: true,
    });
    await rename('d');
    await tap.waitForFrame(({ data }) => data?.title === 'd');
    expect(tap.events().map(({ data }) => data.title)).toEqual(['a', 'b', 'c', 'd']);
    expect(tap.frames[1]?.type).toBe('subscribed');
  });

  it('[RT13] brings the last of two changes a moment apart', async () => {
    const session = await bench.services.sessions.create(createCall(), { projectId: project, taskIds: [] });
    const tap = await bench.openSocket({ token });
    await tap.request({ type: 'subscribe', channel: `session:${session.id}` });
    await bench.services.sessions.update(createCall(), session.id, { status: 'working' });
    bench.advanceClock(1);
    await bench.services.sessions.update(createCall(), session.id, { status: 'completed' });
    await tap.drain();
    const statuses = tap.events().filter(({ event }) => event === 'session:updated');
    expect(statuses.map(({ data }) => data.status)).toEqual(['working', 'completed']);
  });

  it('[RT13] reads a long log in pages', async () => {
    await bench.stop();
    await start({ limits: { replayPage: 10 } });
    for (let i = 0; i < 35; i++) await rename(`${i}`);
    const tap = await bench.openSocket({ token });
    await tap.request({ type: 'subscribe', channel, since: await at(5) });
    await tap.waitForFrame(({ data }) => data?.title === '34');
    expect(seqs(tap)).toEqual(Array.from({ length: 33 }, (_, i) => i + 6));
    expect(reads).toEqual([0, 10, 20, 30].map((after) => `project:${project} ${after}`));
  });

  it('[RT26] reads each page of the log once for everyone who comes at the same time', async () => {
    await bench.stop();
    await start({ limits: { replayPage: 10, connectionsPerSubject: 100 } });
    for (let i = 0; i < 35; i++) await rename(`${i}`);
    const since = await at(5);
    const taps = await Promise.all(Array.from({ length: 30 }, () => bench.openSocket({ token })));
    await Promise.all(
      taps.map(async (tap) => {
        await tap.request({ type: 'subscribe', channel, since });
        await tap.waitForFrame(({ data }) => data?.title === '34');
      }),
    );
    expect(reads).toHaveLength(4);
    await rename('live');
    for (const tap of taps) {
      await tap.waitForFrame(({ data }) => data?.title === 'live');
      expect(seqs(tap)).toEqual(Array.from({ length: 34 }, (_, i) => i + 6));
    }
  });

  it('[RT14] that is of another epoch, still to come or kept no longer is position_lost, with the head', async () => {
    await bench.stop();
    await start({ store: { retention: { events: 5, ageMs: 1_000_000 } }, limits: { replayPage: 4 } });
    for (let i = 0; i < 10; i++) await rename(`${i}`);
    const { seq } = await head();
    const tap = await bench.openSocket({ token });
    for (const since of ['other:3', await at(seq + 1), await at(seq - 6), await at(0)]) {
      const answer = await tap.request({ type: 'subscribe', channel, since });
      expect(answer).toMatchObject({ channel, error: { code: 'position_lost' }, position: await at(seq) });
    }
    expect(bench.bridge.status()[0]?.channels).toEqual([]);
    expect(await tap.request({ type: 'subscribe', channel, since: 'nonsense' })).toMatchObject({
      error: { code: 'bad_request' },
    });
    // What is left of a page whose beginning is gone can still be had.
    await tap.request({ type: 'subscribe', channel, since: await at(seq - 5) });
    await tap.waitForFrame(({ data }) => data?.title === '9');
    expect(seqs(tap)).toHaveLength(5);
  });

  it('[RT15] of a channel that joins others of its stream brings each event once', async () => {
    const since = await at((await head()).seq);
    const tap = await bench.openSocket({ token });
    await tap.request({ type: 'subscribe', channel: `task:${taskIds[0]}` });
    await rename('a', 0);
    await rename('b', 1);
    await tap.request({ type: 'subscribe', channel, since });
    await rename('c', 0);
    await rename('d', 1);
    await tap.waitForFrame(({ data }) => data?.title === 'd');
    expect(tap.events().map(({ data }) => data.title)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('[RT15] of several channels at once brings their events in the order of the stream', async () => {
    const since = await at((await head()).seq);
    for (const title of ['a', 'b', 'c', 'd']) await rename(title, title < 'c' ? 0 : 1);
    const tap = await bench.openSocket({ token });
    const targets = [
      { channel: `task:${taskIds[1]}`, since },
      { channel: `task:${taskIds[0]}`, since: await at((await head()).seq - 3) },
    ];
    tap.send({ type: 'subscribe', channels: targets });
    await tap.waitForFrame(({ data }) => data?.title === 'd');
    expect(tap.events().map(({ data }) => data.title)).toEqual(['b', 'c', 'd']);
  });

  it('[RT17] hears the end of what was deleted while it was away, and that the channel ends', async () => {
    const since = await at((await head()).seq);
    const tap = await bench.openSocket({ token });
    await bench.services.tasks.remove(createCall(), taskIds[0] ?? '');
    await tap.request({ type: 'subscribe', channel, since });
    const deleted = bench.services.projects.remove(createCall(), project, true);
    await deleted;
    await tap.waitForFrame(({ type }) => type === 'unsubscribed');
    expect(tap.events().at(-1)?.event).toBe('project:deleted');
    expect(tap.frames.at(-1)).toEqual({ type: 'unsubscribed', channel, reason: 'not_found' });
  });

  it('[RT21] waits for a client that takes its time, and brings it everything', async () => {
    const description = 'x'.repeat(20_000);
    for (let i = 0; i < 600; i++) {
      await bench.services.tasks.update(createCall(), taskIds[0] ?? '', { title: `${i}`, description });
    }
    const tap = await bench.openSocket({ token });
    const { ws } = tap;
    ws.pause();
    tap.send({ type: 'subscribe', channel, since: await at(0) });
    await expect.poll(() => bench.bridge.status()[0]?.waitingBytes).toBeGreaterThan(200_000);
    expect(bench.bridge.status()[0]?.waitingBytes).toBeLessThan(600_000);
    ws.resume();
    await tap.waitForFrame(({ data }) => data?.title === '599');
    expect(seqs(tap)).toEqual(Array.from({ length: 603 }, (_, i) => i + 1));
  });

  it('[RT21] that is cut off by 4100 when the client takes nothing disturbs nobody else', async () => {
    await bench.stop();
    await start({ limits: { outBufferBytes: 100_000 } });
    const description = 'x'.repeat(20_000);
    const slow = await bench.openSocket({ token });
    const swift = await bench.openSocket({ token });
    for (const tap of [slow, swift]) await tap.request({ type: 'subscribe', channel });
    const { position } = slow.frames.find(({ type }) => type === 'subscribed') ?? {};
    slow.ws.pause();
    let changes = 0;
    while (bench.bridge.size === 2 && bench.bridge.status()[0]?.readyState === 1) {
      await bench.services.tasks.update(createCall(), taskIds[0] ?? '', {
        title: `${changes++}`,
        description,
      });
      await nextEventLoopTurn();
    }
    await rename('after the cut');
    await swift.waitForFrame(({ data }) => data?.title === 'after the cut');
    slow.ws.resume();
    expect((await slow.closed).code).toBe(4100);
    const again = await bench.openSocket({ token });
    const last = slow.events().at(-1)?.position ?? position;
    await again.request({ type: 'subscribe', channel, since: last });
    await again.waitForFrame(({ data }) => data?.title === 'after the cut');
    expect([...seqs(slow), ...seqs(again)]).toEqual(seqs(swift));
  });

  it('[RT21] that takes nothing for 10 seconds is cut off, however little waits', async () => {
    await bench.stop();
    await start({ limits: { pingIntervalMs: 3_600_000 } });
    const tap = await bench.openSocket({ token });
    await tap.request({ type: 'subscribe', channel });
    tap.ws.pause();
    const description = 'x'.repeat(50_000);
    while ((bench.bridge.status()[0]?.waitingBytes ?? 0) === 0) {
      await bench.services.tasks.update(createCall(), taskIds[0] ?? '', {
        title: `${Math.random()}`,
        description,
      });
    }
    for (let i = 0; i < 12; i++) bench.tick(1000);
    tap.ws.resume();
    expect((await tap.closed).code).toBe(4100);
  });
});

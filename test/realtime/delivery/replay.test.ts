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
  let harness: RealtimeHarness;
  let token: string;
  let project: string;
  let channel: string;
  let taskIds: string[];
  let reads: string[];

  async function start(options: RealtimeOptions = {}) {
    reads = [];
    harness = await startRealtime({
      onLogRead: (stream, after) => reads.push(`${stream} ${after}`),
      ...options,
    });
    token = await harness.createToken({ role: 'admin', projects: ['*'] });
    const made = await projectWithTasks(harness, 'One', 'Two');
    project = made.project.id;
    channel = `project:${project}`;
    taskIds = made.taskIds;
  }
  beforeEach(() => start());
  afterEach(() => harness.stop());

  const rename = (title: string, task = 0) =>
    harness.services.tasks.update(createCall(), taskIds[task] ?? '', { title });
  const head = () => harness.store.read((reader) => reader.events.head(`project:${project}`));
  const at = async (seq: number) => `${(await head()).epoch}:${seq}`;
  const seqs = (socket: TestSocket) => socket.events().map(({ position }) => Number(position.split(':')[1]));

  it('[RT13] delivers the missed events from the log, then new ones, in order', async () => {
    const position = await at((await head()).seq);
    for (const title of ['a', 'b', 'c']) await rename(title);
    const socket = await harness.openSocket({ token });
    expect(await socket.request({ type: 'subscribe', channel, since: position })).toMatchObject({
      position,
      recovered: true,
    });
    await rename('d');
    await socket.waitForFrame(({ data }) => data?.title === 'd');
    expect(socket.events().map(({ data }) => data.title)).toEqual(['a', 'b', 'c', 'd']);
    expect(socket.frames[1]?.type).toBe('subscribed');
  });

  it('[RT13] delivers the last of two changes a moment apart', async () => {
    const session = await harness.services.sessions.create(createCall(), { projectId: project, taskIds: [] });
    const socket = await harness.openSocket({ token });
    await socket.request({ type: 'subscribe', channel: `session:${session.id}` });
    await harness.services.sessions.update(createCall(), session.id, { status: 'working' });
    harness.advanceClock(1);
    await harness.services.sessions.update(createCall(), session.id, { status: 'completed' });
    await socket.drain();
    const statuses = socket.events().filter(({ event }) => event === 'session:updated');
    expect(statuses.map(({ data }) => data.status)).toEqual(['working', 'completed']);
  });

  it('[RT13] reads a long log in pages', async () => {
    await harness.stop();
    await start({ limits: { replayPage: 10 } });
    for (let i = 0; i < 35; i++) await rename(`${i}`);
    const socket = await harness.openSocket({ token });
    await socket.request({ type: 'subscribe', channel, since: await at(5) });
    await socket.waitForFrame(({ data }) => data?.title === '34');
    expect(seqs(socket)).toEqual(Array.from({ length: 33 }, (_, i) => i + 6));
    expect(reads).toEqual([0, 10, 20, 30].map((after) => `project:${project} ${after}`));
  });

  it('[RT26] reads each page of the log once for all who ask at the same time', async () => {
    await harness.stop();
    await start({ limits: { replayPage: 10, connectionsPerSubject: 100 } });
    for (let i = 0; i < 35; i++) await rename(`${i}`);
    const since = await at(5);
    const sockets = await Promise.all(Array.from({ length: 30 }, () => harness.openSocket({ token })));
    await Promise.all(
      sockets.map(async (socket) => {
        await socket.request({ type: 'subscribe', channel, since });
        await socket.waitForFrame(({ data }) => data?.title === '34');
      }),
    );
    expect(reads).toHaveLength(4);
    await rename('live');
    for (const socket of sockets) {
      await socket.waitForFrame(({ data }) => data?.title === 'live');
      expect(seqs(socket)).toEqual(Array.from({ length: 34 }, (_, i) => i + 6));
    }
  });

  it('[RT14] that is of another epoch, still to come or kept no longer is position_lost, with the head', async () => {
    await harness.stop();
    await start({ store: { retention: { events: 5, ageMs: 1_000_000 } }, limits: { replayPage: 4 } });
    for (let i = 0; i < 10; i++) await rename(`${i}`);
    const { seq } = await head();
    const socket = await harness.openSocket({ token });
    for (const since of ['other:3', await at(seq + 1), await at(seq - 6), await at(0)]) {
      const answer = await socket.request({ type: 'subscribe', channel, since });
      expect(answer).toMatchObject({ channel, error: { code: 'POSITION_LOST' }, position: await at(seq) });
    }
    expect(harness.bridge.status()[0]?.channels).toEqual([]);
    expect(await socket.request({ type: 'subscribe', channel, since: 'nonsense' })).toMatchObject({
      error: { code: 'BAD_REQUEST' },
    });
    // What is left of a page whose beginning is gone can still be had.
    await socket.request({ type: 'subscribe', channel, since: await at(seq - 5) });
    await socket.waitForFrame(({ data }) => data?.title === '9');
    expect(seqs(socket)).toHaveLength(5);
  });

  it('[RT15] of a channel that joins others of its stream delivers each event once', async () => {
    const since = await at((await head()).seq);
    const socket = await harness.openSocket({ token });
    await socket.request({ type: 'subscribe', channel: `task:${taskIds[0]}` });
    await rename('a', 0);
    await rename('b', 1);
    await socket.request({ type: 'subscribe', channel, since });
    await rename('c', 0);
    await rename('d', 1);
    await socket.waitForFrame(({ data }) => data?.title === 'd');
    expect(socket.events().map(({ data }) => data.title)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('[RT15] of several channels at once delivers their events in the order of the stream', async () => {
    const since = await at((await head()).seq);
    for (const title of ['a', 'b', 'c', 'd']) await rename(title, title < 'c' ? 0 : 1);
    const socket = await harness.openSocket({ token });
    const targets = [
      { channel: `task:${taskIds[1]}`, since },
      { channel: `task:${taskIds[0]}`, since: await at((await head()).seq - 3) },
    ];
    socket.send({ type: 'subscribe', channels: targets });
    await socket.waitForFrame(({ data }) => data?.title === 'd');
    expect(socket.events().map(({ data }) => data.title)).toEqual(['b', 'c', 'd']);
  });

  it('[RT17] hears the end of what was deleted while it was away, and that the channel ends', async () => {
    const since = await at((await head()).seq);
    const socket = await harness.openSocket({ token });
    await harness.services.tasks.remove(createCall(), taskIds[0] ?? '');
    await socket.request({ type: 'subscribe', channel, since });
    const deleted = harness.services.projects.remove(createCall(), project, true);
    await deleted;
    await socket.waitForFrame(({ type }) => type === 'unsubscribed');
    expect(socket.events().at(-1)?.event).toBe('project:deleted');
    expect(socket.frames.at(-1)).toEqual({ type: 'unsubscribed', channel, reason: 'NOT_FOUND' });
  });

  it('[RT21] waits for a client that reads slowly, and delivers everything to it', async () => {
    const description = 'x'.repeat(20_000);
    for (let i = 0; i < 600; i++) {
      await harness.services.tasks.update(createCall(), taskIds[0] ?? '', { title: `${i}`, description });
    }
    const socket = await harness.openSocket({ token });
    const { ws } = socket;
    ws.pause();
    socket.send({ type: 'subscribe', channel, since: await at(0) });
    await expect.poll(() => harness.bridge.status()[0]?.waitingBytes).toBeGreaterThan(200_000);
    expect(harness.bridge.status()[0]?.waitingBytes).toBeLessThan(600_000);
    ws.resume();
    await socket.waitForFrame(({ data }) => data?.title === '599');
    expect(seqs(socket)).toEqual(Array.from({ length: 603 }, (_, i) => i + 1));
  });

  it('[RT21] that is cut off by 4100 when the client takes nothing disturbs nobody else', async () => {
    await harness.stop();
    await start({ limits: { outBufferBytes: 100_000 } });
    const description = 'x'.repeat(20_000);
    const slow = await harness.openSocket({ token });
    const swift = await harness.openSocket({ token });
    for (const socket of [slow, swift]) await socket.request({ type: 'subscribe', channel });
    const { position } = slow.frames.find(({ type }) => type === 'subscribed') ?? {};
    slow.ws.pause();
    let changes = 0;
    while (harness.bridge.size === 2 && harness.bridge.status()[0]?.readyState === 1) {
      await harness.services.tasks.update(createCall(), taskIds[0] ?? '', {
        title: `${changes++}`,
        description,
      });
      await nextEventLoopTurn();
    }
    await rename('after the cut');
    await swift.waitForFrame(({ data }) => data?.title === 'after the cut');
    slow.ws.resume();
    expect((await slow.closed).code).toBe(4100);
    const again = await harness.openSocket({ token });
    const last = slow.events().at(-1)?.position ?? position;
    await again.request({ type: 'subscribe', channel, since: last });
    await again.waitForFrame(({ data }) => data?.title === 'after the cut');
    expect([...seqs(slow), ...seqs(again)]).toEqual(seqs(swift));
  });

  it('[RT21] that takes nothing for 10 seconds is cut off, however little waits', async () => {
    await harness.stop();
    await start({ limits: { pingIntervalMs: 3_600_000 } });
    const socket = await harness.openSocket({ token });
    await socket.request({ type: 'subscribe', channel });
    socket.ws.pause();
    const description = 'x'.repeat(50_000);
    while ((harness.bridge.status()[0]?.waitingBytes ?? 0) === 0) {
      await harness.services.tasks.update(createCall(), taskIds[0] ?? '', {
        title: `${Math.random()}`,
        description,
      });
    }
    for (let i = 0; i < 12; i++) harness.tick(1000);
    socket.ws.resume();
    expect((await socket.closed).code).toBe(4100);
  });
});

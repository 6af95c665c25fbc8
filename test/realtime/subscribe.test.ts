import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeHarness, startRealtime } from '../support/servers/start-realtime.ts';
import type { TestSocket } from '../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';

describe('a subscription', () => {
  let bench: RealtimeHarness;
  let admin: string;
  let project: string;
  let taskIds: string[];

  beforeEach(async () => {
    bench = await startRealtime();
    admin = await bench.createToken({ role: 'admin', projects: ['*'] });
    const made = await projectWithTasks(bench, 'One', 'Two');
    project = made.project.id;
    taskIds = made.taskIds;
  });
  afterEach(() => bench.stop());

  const change = (id: string, description: string) =>
    bench.services.tasks.update(createCall(), id, { description });
  const connectViewer = async (path = '/ws') =>
    bench.openSocket({ token: await bench.createToken({ role: 'viewer', projects: [project] }), path });
  const follow = async (tap: TestSocket, ...channels: string[]) => {
    for (const channel of channels) {
      expect(await tap.request({ type: 'subscribe', channel })).toMatchObject({
        type: 'subscribed',
        channel,
      });
    }
  };

  it('[RT9] is acknowledged with its position before its first event', async () => {
    const tap = await bench.openSocket({ token: admin });
    const ack = await tap.request({ type: 'subscribe', channel: `project:${project}` });
    expect(ack).toMatchObject({ stream: `project:${project}`, recovered: false });
    const { epoch, seq } = await bench.store.read((r) => r.events.head(`project:${project}`));
    expect(ack.position).toBe(`${epoch}:${seq}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await tap.drain();
    expect(tap.frames.map(({ type }) => type)).toEqual(['welcome', 'subscribed', 'task:updated', 'pong']);
  });

  it('[RT3] brings events in the envelope that old clients read, and control frames without data', async () => {
    const tap = await bench.openSocket({ token: admin });
    await follow(tap, `project:${project}`);
    await change(taskIds[0] ?? '', 'Changed.');
    const { epoch } = await bench.store.read((r) => r.events.head(`project:${project}`));
    const stored = await bench.services.tasks.get(createCall(), taskIds[0] ?? '');
    expect(await tap.waitForFrame(({ event }) => event === 'task:updated')).toEqual({
      type: 'task:updated',
      event: 'task:updated',
      data: stored,
      timestamp: expect.any(Number),
      stream: `project:${project}`,
      position: `${epoch}:4`,
      channels: [`project:${project}`, `task:${taskIds[0]}`],
    });
    await tap.request({ type: 'unsubscribe', channel: `project:${project}` });
    await tap.request({ type: 'nonsense' });
    for (const frame of tap.frames) {
      expect(Array.isArray(frame)).toBe(false);
      expect('data' in frame).toBe('event' in frame);
    }
  });

  it('[RT1] brings an event once to a socket that follows several of its channels', async () => {
    const tap = await bench.openSocket({ token: admin });
    await follow(tap, `task:${taskIds[0]}`, `project:${project}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await change(taskIds[1] ?? '', 'Changed.');
    await tap.drain();
    expect(tap.events().map(({ data }) => data.id)).toEqual(taskIds);
  });

  it('[RT1] of a task brings what concerns the task and nothing else', async () => {
    const tap = await bench.openSocket({ token: admin });
    await follow(tap, `task:${taskIds[0]}`);
    await change(taskIds[1] ?? '', 'Changed.');
    await change(taskIds[0] ?? '', 'Changed.');
    await tap.drain();
    expect(tap.events().map(({ data }) => data.id)).toEqual([taskIds[0]]);
  });

  it('[RT9] of several channels is answered for each of them, with the id of the command', async () => {
    const tap = await bench.openSocket({ token: admin });
    const task = `task:${taskIds[0]}`;
    const channels = [
      `project:${project}`,
      { channel: task },
      'task:none',
      'Workspace',
      `project:${project}`,
    ];
    tap.send({ type: 'subscribe', id: 'many', channels });
    await tap.drain();
    const answers = tap.frames.filter(({ id }) => id === 'many');
    expect(answers.map(({ channel, error }) => [channel, error?.code])).toEqual([
      [`project:${project}`, undefined],
      [task, undefined],
      ['Workspace', 'unknown_channel'],
      [`project:${project}`, 'already_subscribed'],
      ['task:none', 'not_found'],
    ]);
  });

  it('[RT10] of what is another’s reads exactly as of what does not exist', async () => {
    const { project: other, taskIds: theirs } = await projectWithTasks(bench, 'Secret');
    const session = await bench.services.sessions.create(createCall(), {
      projectId: other.id,
      taskIds: theirs,
    });
    const viewer = await connectViewer();
    for (const [kind, id] of [
      ['project', other.id],
      ['task', theirs[0] ?? ''],
      ['session', session.id],
    ] as const) {
      const forbidden = await viewer.request({ type: 'subscribe', channel: `${kind}:${id}` });
      const unknown = await viewer.request({ type: 'subscribe', channel: `${kind}:none` });
      expect(forbidden.error.code).toBe('not_found');
      const text = JSON.stringify({ ...forbidden, id: '' }).replaceAll(id, 'none');
      expect(text).toBe(JSON.stringify({ ...unknown, id: '' }));
    }
  });

  it('[RT12] of the workspace brings the projects that the actor may see, and only those', async () => {
    const tap = await connectViewer();
    await follow(tap, 'workspace');
    const other = await bench.services.projects.create(createCall(), { name: 'Other' });
    await bench.services.projects.update(createCall(), other.id, { name: 'Changed' });
    await bench.services.projects.update(createCall(), project, { name: 'Ours' });
    await tap.drain();
    expect(tap.events().map(({ event, data }) => [event, data.name])).toEqual([['project:updated', 'Ours']]);
  });

  it('[RT11] of a bound agent is of its session and the tasks of that, and of nothing else', async () => {
    const session = await bench.services.sessions.create(createCall(), {
      projectId: project,
      taskIds: taskIds.slice(0, 1),
    });
    const other = await bench.services.sessions.create(createCall(), { projectId: project, taskIds: [] });
    const token = await bench.createToken({ role: 'agent', projects: [project], sessionId: session.id });
    const tap = await bench.openSocket({ token });
    for (const channel of ['workspace', `project:${project}`, `session:${other.id}`, `task:${taskIds[1]}`]) {
      expect(await tap.request({ type: 'subscribe', channel })).toMatchObject({
        error: { code: 'not_found' },
      });
    }
    await follow(tap, `session:${session.id}`, `task:${taskIds[0]}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await change(taskIds[1] ?? '', 'Changed.');
    await bench.services.sessions.update(createCall(), other.id, { status: 'working' });
    await tap.drain();
    expect(tap.events().map(({ event, data }) => [event, data.id])).toEqual([['task:updated', taskIds[0]]]);
  });

  it('[RT11] of a bound agent ends within a second when its session loses the task', async () => {
    const session = await bench.services.sessions.create(createCall(), { projectId: project, taskIds });
    const token = await bench.createToken({ role: 'agent', projects: [project], sessionId: session.id });
    const tap = await bench.openSocket({ token });
    await follow(tap, ...taskIds.map((id) => `task:${id}`));
    await bench.services.sessions.removeTask(createCall(), session.id, taskIds[0] ?? '');
    bench.tick();
    expect(await tap.waitForFrame(({ type }) => type === 'unsubscribed')).toEqual({
      type: 'unsubscribed',
      channel: `task:${taskIds[0]}`,
      reason: 'not_found',
    });
    await change(taskIds[0] ?? '', 'Not for it.');
    await change(taskIds[1] ?? '', 'For it.');
    await tap.drain();
    expect(tap.events().at(-1)?.data.id).toBe(taskIds[1]);
    expect(JSON.stringify(tap.frames)).not.toContain('Not for it.');
  });

  it('[RT17] ends behind the event that deletes what it is of', async () => {
    const tap = await bench.openSocket({ token: admin });
    await follow(tap, `task:${taskIds[0]}`, `project:${project}`);
    await bench.services.tasks.remove(createCall(), taskIds[0] ?? '');
    await bench.services.projects.remove(createCall(), project, true);
    await tap.drain();
    const ends = tap.frames.flatMap(({ event, type, channel, reason }) =>
      event?.endsWith('deleted') ? event : type === 'unsubscribed' ? `${channel} ${reason}` : [],
    );
    expect(ends).toEqual([
      'task:deleted',
      `task:${taskIds[0]} not_found`,
      'task:deleted',
      'project:deleted',
      `project:${project} not_found`,
    ]);
    expect(bench.bridge.status()[0]?.channels).toEqual([]);
    expect(await tap.request({ type: 'subscribe', channel: `project:${project}` })).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('[RT9] ends when it is asked to, any number of times', async () => {
    const tap = await bench.openSocket({ token: admin });
    const channel = `project:${project}`;
    await follow(tap, channel);
    for (let i = 0; i < 2; i++) {
      const answer = await tap.request({ type: 'unsubscribe', channel });
      expect(answer).toMatchObject({ type: 'unsubscribed', channel, reason: 'requested' });
    }
    await change(taskIds[0] ?? '', 'Unheard.');
    await tap.drain();
    expect(tap.events()).toEqual([]);
    await follow(tap, channel);
  });

  it('[RT16] to channels in the URL needs no frame, and * is every project, later ones included', async () => {
    const named = await bench.openSocket({ token: admin, path: `/ws?channels=task:${taskIds[0]},workspace` });
    await named.waitForFrame(({ type, channel }) => type === 'subscribed' && channel === 'workspace');
    const all = await bench.openSocket({ token: admin, path: '/?channels=*' });
    await all.waitForFrame(({ type, channel }) => type === 'subscribed' && channel === `project:${project}`);
    const later = await bench.services.projects.create(createCall(), { name: 'Later' });
    await bench.services.tasks.create(createCall(), later.id, { title: 'First' });
    const first = await all.waitForFrame(({ event }) => event === 'task:created');
    expect(first.data.title).toBe('First');
    await all.drain();
    const ofLater = all.events().filter(({ stream }) => stream === `project:${later.id}`);
    expect(ofLater.map(({ event }) => event)).toEqual(['project:created', 'task:created']);
    const viewer = await connectViewer('/?channels=*');
    await viewer.waitForFrame(({ channel }) => channel === `project:${project}`);
    await bench.services.projects.update(createCall(), later.id, { name: 'Unseen' });
    await viewer.drain();
    expect(viewer.frames.map(({ channel }) => channel).filter(Boolean)).toEqual([
      'workspace',
      `project:${project}`,
    ]);
  });

  it('[RT24] is refused beyond a hundred', async () => {
    await bench.stop();
    bench = await startRealtime({ limits: { subscriptions: 2 } });
    const made = await projectWithTasks(bench, 'One', 'Two', 'Three');
    const tap = await bench.openSocket({
      token: await bench.createToken({ role: 'admin', projects: ['*'] }),
    });
    await follow(tap, ...made.taskIds.slice(0, 2).map((id) => `task:${id}`));
    const third = await tap.request({ type: 'subscribe', channel: `task:${made.taskIds[2]}` });
    expect(third.error.code).toBe('subscription_limit');
  });
});

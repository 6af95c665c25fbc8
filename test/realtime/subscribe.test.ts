import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RealtimeHarness, startRealtime } from '../support/servers/start-realtime.ts';
import type { TestSocket } from '../support/servers/test-socket.ts';
import { createCall, projectWithTasks } from '../support/services/service-harness.ts';

describe('a subscription', () => {
  let harness: RealtimeHarness;
  let admin: string;
  let project: string;
  let taskIds: string[];

  beforeEach(async () => {
    harness = await startRealtime();
    admin = await harness.createToken({ role: 'admin', projects: ['*'] });
    const made = await projectWithTasks(harness, 'One', 'Two');
    project = made.project.id;
    taskIds = made.taskIds;
  });
  afterEach(() => harness.stop());

  const change = (id: string, description: string) =>
    harness.services.tasks.update(createCall(), id, { description });
  const connectViewer = async (path = '/ws') =>
    harness.openSocket({ token: await harness.createToken({ role: 'viewer', projects: [project] }), path });
  const follow = async (socket: TestSocket, ...channels: string[]) => {
    for (const channel of channels) {
      expect(await socket.request({ type: 'subscribe', channel })).toMatchObject({
        type: 'subscribed',
        channel,
      });
    }
  };

  it('[RT9] is acknowledged with its position before its first event', async () => {
    const socket = await harness.openSocket({ token: admin });
    const ack = await socket.request({ type: 'subscribe', channel: `project:${project}` });
    expect(ack).toMatchObject({ stream: `project:${project}`, recovered: false });
    const { epoch, seq } = await harness.store.read((r) => r.events.head(`project:${project}`));
    expect(ack.position).toBe(`${epoch}:${seq}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await socket.drain();
    expect(socket.frames.map(({ type }) => type)).toEqual(['welcome', 'subscribed', 'task:updated', 'pong']);
  });

  it('[RT3] delivers events in the envelope that old clients read, and control frames without data', async () => {
    const socket = await harness.openSocket({ token: admin });
    await follow(socket, `project:${project}`);
    await change(taskIds[0] ?? '', 'Changed.');
    const { epoch } = await harness.store.read((r) => r.events.head(`project:${project}`));
    const stored = await harness.services.tasks.get(createCall(), taskIds[0] ?? '');
    expect(await socket.waitForFrame(({ event }) => event === 'task:updated')).toEqual({
      type: 'task:updated',
      event: 'task:updated',
      data: stored,
      timestamp: expect.any(Number),
      stream: `project:${project}`,
      position: `${epoch}:4`,
      channels: [`project:${project}`, `task:${taskIds[0]}`],
    });
    await socket.request({ type: 'unsubscribe', channel: `project:${project}` });
    await socket.request({ type: 'nonsense' });
    for (const frame of socket.frames) {
      expect(Array.isArray(frame)).toBe(false);
      expect('data' in frame).toBe('event' in frame);
    }
  });

  it('[RT1] delivers an event once to a socket that follows several of its channels', async () => {
    const socket = await harness.openSocket({ token: admin });
    await follow(socket, `task:${taskIds[0]}`, `project:${project}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await change(taskIds[1] ?? '', 'Changed.');
    await socket.drain();
    expect(socket.events().map(({ data }) => data.id)).toEqual(taskIds);
  });

  it('[RT1] of a task delivers the events of the task and nothing else', async () => {
    const socket = await harness.openSocket({ token: admin });
    await follow(socket, `task:${taskIds[0]}`);
    await change(taskIds[1] ?? '', 'Changed.');
    await change(taskIds[0] ?? '', 'Changed.');
    await socket.drain();
    expect(socket.events().map(({ data }) => data.id)).toEqual([taskIds[0]]);
  });

  it('[RT9] of several channels is answered for each of them, with the id of the command', async () => {
    const socket = await harness.openSocket({ token: admin });
    const task = `task:${taskIds[0]}`;
    const channels = [
      `project:${project}`,
      { channel: task },
      'task:none',
      'Workspace',
      `project:${project}`,
    ];
    socket.send({ type: 'subscribe', id: 'many', channels });
    await socket.drain();
    const answers = socket.frames.filter(({ id }) => id === 'many');
    expect(answers.map(({ channel, error }) => [channel, error?.code])).toEqual([
      [`project:${project}`, undefined],
      [task, undefined],
      ['Workspace', 'UNKNOWN_CHANNEL'],
      [`project:${project}`, 'ALREADY_SUBSCRIBED'],
      ['task:none', 'NOT_FOUND'],
    ]);
  });

  it('[RT10] of what is another’s reads exactly as of what does not exist', async () => {
    const { project: other, taskIds: theirs } = await projectWithTasks(harness, 'Secret');
    const session = await harness.services.sessions.create(createCall(), {
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
      expect(forbidden.error.code).toBe('NOT_FOUND');
      const text = JSON.stringify({ ...forbidden, id: '' }).replaceAll(id, 'none');
      expect(text).toBe(JSON.stringify({ ...unknown, id: '' }));
    }
  });

  it('[RT12] of the workspace delivers the projects that the actor may see, and only those', async () => {
    const socket = await connectViewer();
    await follow(socket, 'workspace');
    const other = await harness.services.projects.create(createCall(), { name: 'Other' });
    await harness.services.projects.update(createCall(), other.id, { name: 'Changed' });
    await harness.services.projects.update(createCall(), project, { name: 'Ours' });
    await socket.drain();
    expect(socket.events().map((one) => [one.event, one.data.name])).toEqual([['project:updated', 'Ours']]);
  });

  it('[RT11] of a bound agent is of its session and the tasks of that, and of nothing else', async () => {
    const session = await harness.services.sessions.create(createCall(), {
      projectId: project,
      taskIds: taskIds.slice(0, 1),
    });
    const other = await harness.services.sessions.create(createCall(), { projectId: project, taskIds: [] });
    const token = await harness.createToken({ role: 'agent', projects: [project], sessionId: session.id });
    const socket = await harness.openSocket({ token });
    for (const channel of ['workspace', `project:${project}`, `session:${other.id}`, `task:${taskIds[1]}`]) {
      expect(await socket.request({ type: 'subscribe', channel })).toMatchObject({
        error: { code: 'NOT_FOUND' },
      });
    }
    await follow(socket, `session:${session.id}`, `task:${taskIds[0]}`);
    await change(taskIds[0] ?? '', 'Changed.');
    await change(taskIds[1] ?? '', 'Changed.');
    await harness.services.sessions.update(createCall(), other.id, { status: 'working' });
    await socket.drain();
    expect(socket.events().map((one) => [one.event, one.data.id])).toEqual([['task:updated', taskIds[0]]]);
  });

  it('[RT11] of a bound agent ends within a second when its session loses the task', async () => {
    const session = await harness.services.sessions.create(createCall(), { projectId: project, taskIds });
    const token = await harness.createToken({ role: 'agent', projects: [project], sessionId: session.id });
    const socket = await harness.openSocket({ token });
    await follow(socket, ...taskIds.map((id) => `task:${id}`));
    await harness.services.sessions.removeTask(createCall(), session.id, taskIds[0] ?? '');
    harness.tick();
    expect(await socket.waitForFrame(({ type }) => type === 'unsubscribed')).toEqual({
      type: 'unsubscribed',
      channel: `task:${taskIds[0]}`,
      reason: 'NOT_FOUND',
    });
    await change(taskIds[0] ?? '', 'Not for it.');
    await change(taskIds[1] ?? '', 'For it.');
    await socket.drain();
    expect(socket.events().at(-1)?.data.id).toBe(taskIds[1]);
    expect(JSON.stringify(socket.frames)).not.toContain('Not for it.');
  });

  it('[RT17] ends after the event that deletes its subject', async () => {
    const socket = await harness.openSocket({ token: admin });
    await follow(socket, `task:${taskIds[0]}`, `project:${project}`);
    await harness.services.tasks.remove(createCall(), taskIds[0] ?? '');
    await harness.services.projects.remove(createCall(), project, true);
    await socket.drain();
    const ends = socket.frames.flatMap(({ event, type, channel, reason }) =>
      event?.endsWith('deleted') ? event : type === 'unsubscribed' ? `${channel} ${reason}` : [],
    );
    expect(ends).toEqual([
      'task:deleted',
      `task:${taskIds[0]} NOT_FOUND`,
      'task:deleted',
      'project:deleted',
      `project:${project} NOT_FOUND`,
    ]);
    expect(harness.bridge.status()[0]?.channels).toEqual([]);
    expect(await socket.request({ type: 'subscribe', channel: `project:${project}` })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });

  it('[RT9] ends when it is asked to, any number of times', async () => {
    const socket = await harness.openSocket({ token: admin });
    const channel = `project:${project}`;
    await follow(socket, channel);
    for (let i = 0; i < 2; i++) {
      const answer = await socket.request({ type: 'unsubscribe', channel });
      expect(answer).toMatchObject({ type: 'unsubscribed', channel, reason: 'requested' });
    }
    await change(taskIds[0] ?? '', 'Unheard.');
    await socket.drain();
    expect(socket.events()).toEqual([]);
    await follow(socket, channel);
  });

  it('[RT16] to channels in the URL needs no frame, and * is every project, later ones included', async () => {
    const path = `/ws?channels=task:${taskIds[0]},workspace`;
    const named = await harness.openSocket({ token: admin, path });
    await named.waitForFrame(({ type, channel }) => type === 'subscribed' && channel === 'workspace');
    const all = await harness.openSocket({ token: admin, path: '/?channels=*' });
    await all.waitForFrame(({ type, channel }) => type === 'subscribed' && channel === `project:${project}`);
    const later = await harness.services.projects.create(createCall(), { name: 'Later' });
    await harness.services.tasks.create(createCall(), later.id, { title: 'First' });
    const first = await all.waitForFrame(({ event }) => event === 'task:created');
    expect(first.data.title).toBe('First');
    await all.drain();
    const ofLater = all.events().filter(({ stream }) => stream === `project:${later.id}`);
    expect(ofLater.map(({ event }) => event)).toEqual(['project:created', 'task:created']);
    const viewer = await connectViewer('/?channels=*');
    await viewer.waitForFrame(({ channel }) => channel === `project:${project}`);
    await harness.services.projects.update(createCall(), later.id, { name: 'Unseen' });
    await viewer.drain();
    expect(viewer.frames.map(({ channel }) => channel).filter(Boolean)).toEqual([
      'workspace',
      `project:${project}`,
    ]);
  });

  it('[RT24] is rejected beyond a hundred', async () => {
    await harness.stop();
    harness = await startRealtime({ limits: { subscriptions: 2 } });
    const made = await projectWithTasks(harness, 'One', 'Two', 'Three');
    const socket = await harness.openSocket({
      token: await harness.createToken({ role: 'admin', projects: ['*'] }),
    });
    await follow(socket, ...made.taskIds.slice(0, 2).map((id) => `task:${id}`));
    const third = await socket.request({ type: 'subscribe', channel: `task:${made.taskIds[2]}` });
    expect(third.error.code).toBe('SUBSCRIPTION_LIMIT');
  });
});

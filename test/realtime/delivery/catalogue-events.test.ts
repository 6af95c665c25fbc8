import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  channelsOfEvent,
  type EventData,
  type EventName,
  eventNames,
  events,
} from '../../../src/domain/events.ts';
import { type RealtimeHarness, startRealtime } from '../../support/servers/start-realtime.ts';
import type { TestSocket } from '../../support/servers/test-socket.ts';

/** What the operations are about: all in one project, with another beside it where nothing happens. */
interface Stage {
  readonly project: string;
  readonly task: string;
  readonly session: string;
  /** Sends a request as the admin and gives back the body. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  send(method: string, path: string, body?: unknown): Promise<any>;
}

/** The REST operation that makes each event happen, and what it needs to have happened before. */
const causes: { readonly [Name in EventName]: Cause } = {
  'workspace:restored': 'import',
  'template:created': { by: makeTemplate },
  'template:updated': { by: async (s) => s.send('PUT', await makeTemplate(s), { name: 'Changed' }) },
  'template:reset': { by: async (s) => s.send('POST', `${await makeTemplate(s)}/reset`) },
  'template:deleted': { by: async (s) => s.send('DELETE', await makeTemplate(s)) },
  'project:created': { by: (s) => s.send('POST', '/api/projects', { name: 'New' }) },
  'project:updated': { by: (s) => s.send('PUT', `/api/projects/${s.project}`, { name: 'Changed' }) },
  'project:deleted': { by: (s) => s.send('DELETE', `/api/projects/${s.project}?cascade=true`) },
  'task:created': { by: (s) => s.send('POST', '/api/tasks', { projectId: s.project, title: 'New' }) },
  'task:updated': { by: (s) => s.send('PATCH', `/api/tasks/${s.task}`, { title: 'Changed' }) },
  'task:deleted': { by: (s) => s.send('DELETE', `/api/tasks/${s.task}`) },
  'task:session_added': { by: link },
  'task:session_removed': { before: link, by: unlink },
  'session:created': { by: (s) => s.send('POST', '/api/sessions', { projectId: s.project, taskIds: [] }) },
  'session:spawn': {
    by: (s) => s.send('POST', '/api/sessions/spawn', { projectId: s.project, taskIds: [s.task] }),
  },
  'session:updated': { by: (s) => s.send('PATCH', `/api/sessions/${s.session}`, { status: 'working' }) },
  'session:deleted': { by: (s) => s.send('DELETE', `/api/sessions/${s.session}`) },
  'session:task_added': { by: link },
  'session:task_removed': { before: link, by: unlink },
  'queue:created': {
    by: (s) =>
      s.send('POST', '/api/sessions', { projectId: s.project, taskIds: [s.task], strategy: 'queue' }),
  },
  'queue:item_started': { before: push, by: (s) => queue(s, 'start') },
  'queue:item_completed': { before: start, by: (s) => queue(s, 'complete') },
  'queue:item_failed': { before: start, by: (s) => queue(s, 'fail', { reason: 'Clouds.' }) },
  'queue:item_skipped': { before: push, by: (s) => queue(s, 'skip') },
  'queue:item_pushed': { by: push },
  'queue:deleted': { by: (s) => s.send('DELETE', `/api/sessions/${s.session}`) },
  'notify:task_completed': { by: (s) => setStatus(s, 'completed') },
  'notify:task_cancelled': { by: (s) => setStatus(s, 'cancelled') },
  'notify:task_in_review': { by: (s) => setStatus(s, 'in_review') },
  'notify:task_blocked': { by: (s) => setStatus(s, 'blocked') },
  'notify:task_session_completed': { by: (s) => report(s, 'completed') },
  'notify:task_session_failed': { by: (s) => report(s, 'failed') },
  'notify:session_completed': {
    by: (s) => s.send('PATCH', `/api/sessions/${s.session}`, { status: 'completed' }),
  },
  'notify:session_failed': { by: (s) => s.send('PATCH', `/api/sessions/${s.session}`, { status: 'failed' }) },
  'notify:needs_input': {
    by: (s) =>
      s.send('PATCH', `/api/sessions/${s.session}`, { needsInput: { active: true, message: 'Which?' } }),
  },
  'notify:progress': {
    by: (s) =>
      s.send('POST', `/api/tasks/${s.task}/timeline`, {
        sessionId: s.session,
        message: 'Half.',
        type: 'progress',
      }),
  },
};

type Cause =
  | {
      readonly by: (stage: Stage) => Promise<unknown>;
      readonly before?: (stage: Stage) => Promise<unknown>;
    }
  /** It happens to an empty workspace only, and has a test of its own. */
  | 'import';

const queue = (s: Stage, verb: string, body: unknown = {}) =>
  s.send('POST', `/api/sessions/${s.session}/queue/${verb}`, body);
async function makeTemplate(s: Stage): Promise<string> {
  const { id } = await s.send('POST', '/api/templates', { name: 'New', role: 'worker', content: 'Work.' });
  return `/api/templates/${id}`;
}
function link(s: Stage): Promise<unknown> {
  return s.send('POST', `/api/sessions/${s.session}/tasks/${s.task}`);
}
function unlink(s: Stage): Promise<unknown> {
  return s.send('DELETE', `/api/sessions/${s.session}/tasks/${s.task}`);
}
function push(s: Stage): Promise<unknown> {
  return queue(s, 'push', { taskId: s.task });
}
async function start(s: Stage): Promise<void> {
  await push(s);
  await queue(s, 'start');
}
function setStatus(s: Stage, status: string): Promise<unknown> {
  return s.send('PATCH', `/api/tasks/${s.task}`, { status });
}
function report(s: Stage, sessionStatus: string): Promise<unknown> {
  return s.send('PATCH', `/api/tasks/${s.task}`, {
    updateSource: 'session',
    sessionId: s.session,
    sessionStatus,
  });
}

describe('every event of the catalogue', () => {
  let harness: RealtimeHarness;
  let token: string;
  beforeAll(async () => {
    harness = await startRealtime({ limits: { connectionsPerSubject: 1000 } });
    token = await harness.createToken({ role: 'admin', projects: ['*'] });
  });
  afterAll(() => harness.stop());

  const send: Stage['send'] = async (method, path, body) => {
    const reply = await harness.send(method, path, { token, body });
    expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
    return reply.body;
  };

  async function stage(): Promise<Stage> {
    const { id: project } = await send('POST', '/api/projects', { name: 'Stage' });
    const { id: task } = await send('POST', '/api/tasks', { projectId: project, title: 'Stage' });
    const { id: session } = await send('POST', '/api/sessions', {
      projectId: project,
      taskIds: [],
      strategy: 'queue',
    });
    return { project, task, session, send };
  }

  async function importInto(): Promise<void> {
    await stage();
    const { lines } = await send('GET', '/api/export');
    const empty = await startRealtime();
    const admin = await empty.createToken({ role: 'admin', projects: ['*'] });
    const socket = await empty.openSocket({ token: admin });
    await socket.request({ type: 'subscribe', channel: 'workspace' });
    const reply = await empty.send('POST', '/api/import', { token: admin, body: { lines } });
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    await socket.drain();
    const name = 'workspace:restored';
    expect(socket.events().map(({ type }) => type)).toContain(name);
    const found = socket.events().find(({ type }) => type === name);
    expect(events[name].data.safeParse(found?.data).error).toBeUndefined();
    await empty.stop();
  }

  const channelsIn = (s: Stage) => [`project:${s.project}`, `task:${s.task}`, `session:${s.session}`];

  async function follow(channel: string): Promise<TestSocket> {
    const socket = await harness.openSocket({ token });
    expect(await socket.request({ type: 'subscribe', channel })).toMatchObject({ type: 'subscribed' });
    return socket;
  }

  it.each(eventNames)('[RT2] %s arrives on its channels, in its schema, and nowhere else', async (name) => {
    const cause = causes[name];
    if (cause === 'import') return importInto();
    const one = await stage();
    const other = await stage();
    await cause.before?.(one);
    const sockets = new Map<string, TestSocket>();
    for (const channel of ['workspace', ...channelsIn(one), ...channelsIn(other)]) {
      sockets.set(channel, await follow(channel));
    }
    await cause.by(one);
    const arrivals = new Map<string, ReturnType<TestSocket['events']>>();
    for (const [channel, socket] of sockets) {
      await socket.drain();
      arrivals.set(
        channel,
        socket.events().filter((event) => event.event === name),
      );
    }
    const all = [...arrivals.values()].flat();
    expect(all, `${name} arrives somewhere`).not.toEqual([]);
    for (const { type, data } of all) {
      expect(type).toBe(name);
      expect(events[name].data.safeParse(data).error).toBeUndefined();
    }
    const named = new Set<string>(
      all.flatMap(({ data }) => channelsOfEvent(name, data as EventData<typeof name>)),
    );
    const reached = [...sockets.keys()].filter((channel) => arrivals.get(channel)?.length);
    expect(reached).toEqual([...sockets.keys()].filter((channel) => named.has(channel)));
    expect(channelsIn(other).filter((channel) => named.has(channel))).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpHarness, startHttp } from '../../support/servers/start-http.ts';
import { createCall, projectWithTasks } from '../../support/services/service-harness.ts';

describe('the log over HTTP', () => {
  let harness: HttpHarness;
  let token: string;
  let project: string;
  let taskIds: string[];

  beforeEach(async () => {
    harness = await startHttp();
    token = await harness.createToken({ role: 'admin', projects: ['*'] });
    const made = await projectWithTasks(harness, 'One', 'Two');
    project = made.project.id;
    taskIds = made.taskIds;
  });
  afterEach(() => harness.stop());

  const read = (query = '', as = token) =>
    harness.send('GET', `/api/projects/${project}/events${query}`, { token: as });
  const rename = (title: string, task = 0) =>
    harness.services.tasks.update(createCall(), taskIds[task] ?? '', { title });

  it('[RT27] says where it stands, and goes on from there part by part', async () => {
    const { body: begin } = await read();
    expect(begin).toEqual({
      data: [],
      nextCursor: null,
      hasMore: false,
      position: expect.stringMatching(/:3$/),
    });
    for (const title of ['a', 'b', 'c']) await rename(title);
    const { body: first } = await read(`?since=${begin.position}&limit=2`);
    expect(first).toMatchObject({ hasMore: true, nextCursor: first.position });
    const { body: last } = await read(`?since=${first.position}&limit=2`);
    expect(last).toMatchObject({ hasMore: false, nextCursor: null });
    expect([...first.data, ...last.data].map(({ event, data }) => `${event} ${data.title}`)).toEqual([
      'task:updated a',
      'task:updated b',
      'task:updated c',
    ]);
    expect(last.data[0]).toMatchObject({ stream: `project:${project}`, position: last.position });
  });

  it('[RT27] goes on from the X-Event-Position of any read or write', async () => {
    const { headers } = await harness.send('GET', `/api/tasks?projectId=${project}`, { token });
    const position = headers.get('x-event-position')?.split('=')[1];
    await rename('after the read');
    const { body } = await read(`?since=${position}`);
    expect(body.data.map(({ data }: { data: { title: string } }) => data.title)).toEqual(['after the read']);
    const written = await harness.send('PATCH', `/api/tasks/${taskIds[0]}`, {
      token,
      body: { title: 'own' },
    });
    expect(written.headers.get('x-event-position')).toBe(
      `project:${project}=${(await read()).body.position}`,
    );
  });

  it('[RT27] waits for an event as long as it is told to', async () => {
    const { position } = (await read()).body;
    const waiting = read(`?since=${position}&wait=30`);
    await rename('waited for');
    expect((await waiting).body.data[0].data.title).toBe('waited for');
    const { body } = await read(`?since=${(await read()).body.position}&wait=1`);
    expect(body.data).toEqual([]);
  });

  it('[RT14] is 410 with the head behind a position that is lost', async () => {
    const { position } = (await read()).body;
    for (const since of ['other:1', position.replace(/\d+$/, '99')]) {
      const { status, body } = await read(`?since=${since}`);
      expect({ status, code: body.code }).toEqual({ status: 410, code: 'POSITION_LOST' });
      expect(body.details.head).toBe(position);
    }
    expect((await read('?since=nonsense')).status).toBe(400);
  });

  it('[RT11] shows a bound agent its session and the tasks of that', async () => {
    const session = await harness.services.sessions.create(createCall(), {
      projectId: project,
      taskIds: taskIds.slice(0, 1),
    });
    const agent = await harness.createToken({ role: 'agent', projects: [project], sessionId: session.id });
    const { position } = (await read()).body;
    await rename('mine', 0);
    await rename('not mine', 1);
    const { body } = await read(`?since=${position}`, agent);
    expect(body.data.map(({ data }: { data: { title: string } }) => data.title)).toEqual(['mine']);
  });

  describe('as a stream', () => {
    const streams: AbortController[] = [];
    afterEach(() => {
      for (const stream of streams.splice(0)) stream.abort();
    });

    /** Opens a stream; `next` gives its next event, and fails where it ends. */
    async function follow(query: string, headers: Record<string, string> = {}) {
      const controller = new AbortController();
      streams.push(controller);
      const response = await fetch(`${harness.url}/api/events/stream?${query}`, {
        headers: { authorization: `Bearer ${token}`, ...headers },
        signal: controller.signal,
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      return {
        response,
        async next(): Promise<{ id: string; data: { event: string; data: { title?: string } } | undefined }> {
          while (!text.includes('\n\n')) {
            const { value, done } = (await reader?.read()) ?? { done: true };
            if (done) throw new Error('The stream ended.');
            text += value;
          }
          const end = text.indexOf('\n\n');
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          const field = (name: string) =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
          const data = field('data');
          return { id: field('id') ?? '', data: data === undefined ? undefined : JSON.parse(data) };
        },
      };
    }

    it('[RT28] brings every event of its channels, each with where the client is then', async () => {
      const stream = await follow(`channels=task:${taskIds[0]},workspace`);
      expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
      expect((await stream.next()).id).toMatch(/^project:\S+:3, workspace=\S+:1$/);
      await rename('unheard', 1);
      await rename('received', 0);
      const { id, data } = await stream.next();
      expect(data).toMatchObject({ event: 'task:updated', data: { title: 'received' } });
      expect(id).toMatch(/^project:\S+:5, workspace=\S+:1$/);
    });

    it('[RT28] goes on behind its Last-Event-ID', async () => {
      const channels = `channels=project:${project}`;
      const { id } = await (await follow(channels)).next();
      await rename('a');
      await rename('b');
      const again = await follow(channels, { 'last-event-id': id });
      await again.next();
      const first = await again.next();
      expect(first.data?.data.title).toBe('a');
      const third = await follow(`${channels}&since=${encodeURIComponent(first.id)}`);
      await third.next();
      expect((await third.next()).data?.data.title).toBe('b');
    });

    it('[RT28] is refused for what cannot be followed before it begins', async () => {
      const status = async (query: string, headers?: Record<string, string>) =>
        (await follow(query, headers)).response.status;
      expect(await status('channels=task:none')).toBe(404);
      expect(await status('channels=nonsense')).toBe(400);
      expect(await status('')).toBe(400);
      const lost = { 'last-event-id': `project:${project}=other:1` };
      expect(await status(`channels=project:${project}`, lost)).toBe(410);
      expect(await status('channels=workspace', { 'last-event-id': 'nonsense' })).toBe(400);
    });

    it('[RT19] ends when the token is revoked', async () => {
      const stream = await follow('channels=workspace');
      await stream.next();
      const { tokenId } = (await harness.send('GET', '/api/whoami', { token })).body;
      await harness.services.tokens.revoke(createCall(), tokenId);
      await expect(stream.next()).rejects.toThrow('The stream ended.');
    });

    it('[RT17] ends after the event that deletes its subject', async () => {
      const stream = await follow(`channels=project:${project}`);
      await stream.next();
      await harness.services.projects.remove(createCall(), project, true);
      const names = [];
      for (let name: string | undefined; name !== 'project:deleted'; ) {
        name = (await stream.next()).data?.event;
        names.push(name);
      }
      expect(names).toEqual(['task:deleted', 'task:deleted', 'project:deleted']);
      await expect(stream.next()).rejects.toThrow('The stream ended.');
    });
  });
});

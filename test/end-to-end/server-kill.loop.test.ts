import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Random, readSeed } from '../support/samples/random.ts';
import {
  type BuiltServer,
  createServerHome,
  type ServerReply,
  startBuiltServer,
} from '../support/servers/built-server.ts';
import { loopCount } from '../support/time/loop-count.ts';

/** One client with tasks and a session of its own: what it was answered, and what it does not know. */
class Writer {
  readonly #random: Random;
  readonly projectId: string;
  readonly tasks = new Map<string, ServerReply['body']>();
  readonly gone = new Set<string>();
  sessionId: string | undefined;
  /** The last queue that an answer showed, by its counts of ended items. */
  ended = 0;
  /** The task a change of which was not answered: it may have happened or not. */
  unknown: string | undefined;

  constructor(random: Random, projectId: string) {
    this.#random = random;
    this.projectId = projectId;
  }

  /** Makes one change after another until the server does not answer any more. */
  async run(server: BuiltServer, acknowledged: () => void): Promise<void> {
    this.unknown = undefined;
    try {
      for (;;) {
        await this.#step(server);
        acknowledged();
      }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    }
  }

  async #step(server: BuiltServer): Promise<void> {
    const ids = [...this.tasks.keys()];
    const id = ids[this.#random(ids.length)];
    const kind = this.#random(10);
    if (id === undefined || kind < 3) {
      const input = { projectId: this.projectId, title: `Task ${this.#random(1e9)}` };
      const { body } = await this.#send(server, 201, 'POST', '/api/tasks', input);
      this.tasks.set(body.id, body);
    } else if (kind < 7) {
      this.unknown = id;
      const change = { title: `Title ${this.#random(1e9)}`, description: 'x'.repeat(this.#random(3000)) };
      this.tasks.set(id, (await this.#send(server, 200, 'PATCH', `/api/tasks/${id}`, change)).body);
    } else if (kind < 8 && ids.length > 4) {
      this.unknown = id;
      await this.#send(server, 200, 'DELETE', `/api/tasks/${id}`);
      this.tasks.delete(id);
      this.gone.add(id);
    } else {
      await this.#work(server);
    }
    this.unknown = undefined;
  }

  async #work(server: BuiltServer): Promise<void> {
    if (this.sessionId === undefined) {
      const input = { projectId: this.projectId, taskIds: [], strategy: 'queue' };
      this.sessionId = (await this.#send(server, 201, 'POST', '/api/sessions', input)).body.id;
    }
    const queue = `/api/sessions/${this.sessionId}/queue`;
    const { body: task } = await this.#send(server, 201, 'POST', '/api/tasks', {
      projectId: this.projectId,
      title: 'Queued',
    });
    await this.#send(server, 200, 'POST', `${queue}/push`, { taskId: task.id });
    await server.send('POST', `${queue}/start`);
    await this.#send(server, 200, 'POST', `${queue}/complete`);
    this.ended += 1;
  }

  async #send(server: BuiltServer, status: number, method: string, path: string, body?: unknown) {
    const reply = await server.send(method, path, body);
    expect(reply.status, `${method} ${path}: ${JSON.stringify(reply.body)}`).toBe(status);
    return reply;
  }

  /** Compares what it was answered with what is there. */
  async check(server: BuiltServer, place: string): Promise<void> {
    for (const [id, acknowledged] of this.tasks) {
      const { status, body } = await server.send('GET', `/api/tasks/${id}`);
      if (id === this.unknown) {
        if (status === 404) this.tasks.delete(id);
        else expect(body.version - acknowledged.version, place).toBeOneOf([0, 1]);
        if (status === 200) this.tasks.set(id, body);
      } else {
        expect(status, `${place}: task ${id}`).toBe(200);
        expect(body, place).toEqual(acknowledged);
      }
    }
    for (const id of this.gone) {
      expect((await server.send('GET', `/api/tasks/${id}`)).status, `${place}: deleted ${id}`).toBe(404);
    }
    if (this.sessionId !== undefined) await this.#checkQueue(server, place);
  }

  /** Queue, task map, links and timeline move together or not at all. */
  async #checkQueue(server: BuiltServer, place: string): Promise<void> {
    const { body: session } = await server.send('GET', `/api/sessions/${this.sessionId}`);
    const { body: view } = await server.send('GET', `/api/sessions/${this.sessionId}/queue`);
    const progress = { queued: 'queued', processing: 'working', completed: 'completed' } as Record<
      string,
      string
    >;
    expect(view.stats.completed, place).toBeGreaterThanOrEqual(this.ended);
    expect(view.stats.processing, place).toBeLessThanOrEqual(1);
    for (const item of view.queue.items.slice(-20)) {
      const { body: task } = await server.send('GET', `/api/tasks/${item.taskId}`);
      expect(session.taskIds, place).toContain(item.taskId);
      expect(task.sessionIds, place).toEqual([this.sessionId]);
      expect(task.taskSessionStatuses, place).toEqual({ [session.id]: progress[item.status] });
    }
    const { total, queued, processing } = view.stats;
    // One entry for the start of the session, and for each item one for its link, its start and its end.
    expect(session.timelineCount, place).toBe(1 + 3 * total - 2 * queued - processing);
    if (queued + processing > 0) {
      if (processing === 0)
        await this.#send(server, 200, 'POST', `/api/sessions/${this.sessionId}/queue/start`);
      await this.#send(server, 200, 'POST', `/api/sessions/${this.sessionId}/queue/complete`);
    }
    this.ended = total;
  }
}

describe('the built server, killed in the middle of writes', () => {
  let home: Awaited<ReturnType<typeof createServerHome>>;
  let server: BuiltServer;
  beforeAll(async () => {
    home = await createServerHome();
  });
  afterAll(async () => {
    await server?.kill();
    await home?.remove();
  });

  it('[PR50] loses nothing it acknowledged and shows nothing half done', async () => {
    const seed = readSeed();
    const random = createRandom(seed);
    const start = () => startBuiltServer(home.path, { RATE_LIMIT_READS: '0', RATE_LIMIT_WRITES: '0' });
    server = await start();
    const { body: project } = await server.send('POST', '/api/projects', { name: 'Killed' });
    for (let round = 0; round < loopCount(3, 200); round++) {
      const writers = Array.from({ length: 4 }, () => new Writer(random, project.id));
      let left = 1 + random(60);
      await Promise.all(
        writers.map((writer) =>
          writer.run(server, () => {
            left -= 1;
            if (left === 0) server.process.kill('SIGKILL');
          }),
        ),
      );
      await server.kill();
      server = await start();
      for (const writer of writers) await writer.check(server, `TEST_SEED=${seed}, round ${round}`);
    }
  });
});

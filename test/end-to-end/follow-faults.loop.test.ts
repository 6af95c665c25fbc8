import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type ClientEvent, connect } from '../../src/client/maestro-client.ts';
import { startFaultProxy } from '../support/postgres/fault-proxy.ts';
import { createSeededRandom } from '../support/samples/seeded-random.ts';
import { type BuiltServer, createServerHome, startBuiltServer } from '../support/servers/built-server.ts';
import { loopCount } from '../support/time/loop-count.ts';

const env = { RATE_LIMIT_WRITES: '0', RATE_LIMIT_READS: '0' };

/** What a client knows of a project: its tasks as events described them, and whether any event was wrong. */
class Follower {
  readonly tasks = new Map<string, number>();
  readonly faults: string[] = [];
  position: string;
  #waiting: (() => void) | undefined;

  constructor(position: string) {
    this.position = position;
  }

  take(event: ClientEvent): void {
    const [epoch, seq] = this.position.split(':');
    const next = `${epoch}:${Number(seq) + 1}`;
    if (event.position !== next) this.faults.push(`${event.position} came after ${this.position}`);
    this.position = event.position;
    if (event.type === 'task:created' || event.type === 'task:updated') {
      this.tasks.set(event.data.id, event.data.version);
    }
    if (event.type === 'task:deleted') this.tasks.delete(event.data.id);
    this.#waiting?.();
  }

  async reach(position: string): Promise<void> {
    while (this.position !== position) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }
}

describe('clients of a server that is killed, while their connections are cut and stalled', () => {
  const chance = createSeededRandom();
  it(`[CL2] lose no event, get none twice and none out of order (seed ${chance.seed})`, async () => {
    const home = await createServerHome();
    const proxy = await startFaultProxy();
    let server: BuiltServer = await startBuiltServer(home.path, env);
    proxy.setTarget(server.url);
    const { token } = server;
    const project = (await server.send('POST', '/api/projects', { name: 'One' })).body.id;
    const head = async () => (await server.send('GET', `/api/projects/${project}/events`)).body.position;
    const begin = await head();
    const ids: string[] = [];
    const followers = [0, 1, 2].map(() => {
      const follower = new Follower(begin);
      const client = connect({
        url: proxy.url,
        WebSocket,
        token: () => token,
        onEvent: (event) => follower.take(event),
        onPositionLost: (channel) => {
          follower.faults.push(`lost the position in ${channel}`);
          return undefined;
        },
        onEnded: (channel, reason) => follower.faults.push(`${channel} ended: ${reason}`),
      });
      client.follow(`project:${project}`, begin);
      return { follower, client };
    });

    const restart = async (end: (server: BuiltServer) => Promise<unknown>) => {
      proxy.setTarget(undefined);
      await end(server);
      server = await startBuiltServer(home.path, env);
      proxy.setTarget(server.url);
    };
    const write = async () => {
      const id = ids.length < 5 ? undefined : chance.pick(ids);
      if (id === undefined || chance.below(10) === 0) {
        ids.push((await server.send('POST', '/api/tasks', { projectId: project, title: 'New' })).body.id);
      } else if (chance.below(20) === 0) {
        ids.splice(ids.indexOf(id), 1);
        await server.send('DELETE', `/api/tasks/${id}`);
      } else {
        await server.send('PATCH', `/api/tasks/${id}`, { title: `${chance.below(1e9)}` });
      }
    };

    const steps = loopCount(150, 10_000);
    let kills = 0;
    for (let step = 0; step < steps; step++) {
      const kind = chance.below(1000);
      if (step === steps >> 1 || kind < 5) {
        kills += 1;
        // What is under way when it is killed may have happened or not: the log will tell.
        const underWay = [write(), write(), write()].map((writing) => writing.catch(() => {}));
        await restart((old) => old.kill());
        await Promise.all(underWay);
      } else if (kind < 7) await restart((old) => old.stop());
      else if (kind < 30) proxy.disconnectAll();
      else if (kind < 60) proxy.pause();
      else if (kind < 130) proxy.resume();
      else if (kind < 400) await Promise.all([write(), write(), write(), write()]);
      else await write();
    }
    proxy.resume();
    const end = await head();
    const stored = new Map<string, number>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/api/tasks?projectId=${project}&envelope=true&limit=1000${cursor && `&cursor=${cursor}`}`;
      const { body } = await server.send('GET', path);
      for (const { id, version } of body.data) stored.set(id, version);
      cursor = body.nextCursor;
    }
    for (const { follower, client } of followers) {
      await follower.reach(end);
      expect(follower.faults).toEqual([]);
      expect(follower.tasks).toEqual(stored);
      client.close();
    }
    expect(kills).toBeGreaterThan(0);
    await proxy.close();
    await server.stop();
    await home.remove();
  });
});

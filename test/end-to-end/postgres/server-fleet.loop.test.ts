import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { type ClientEvent, connect } from '../../../src/client/maestro-client.ts';
import { createBareDatabase } from '../../support/postgres/postgres-database.ts';
import { startPostgres } from '../../support/postgres/postgres-server.ts';
import { type ServerFleet, startServerFleet } from '../../support/servers/server-fleet.ts';
import { loopCount } from '../../support/time/loop-count.ts';

const processes = 3;
const writers = 16;
const kills = loopCount(2, 12);
const items = loopCount(12, 300);

it(
  '[PG43] loses and doubles nothing with three servers under load, each killed in turn and the database too',
  async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const { url } = await createBareDatabase({ server: postgres.url });
    const fleet = await startServerFleet(processes, url);
    const project = (await fleet.send(0, 'POST', '/api/projects', { name: 'One' })).body.id;
    const log = `/api/projects/${project}/events`;
    const head = async (at: number): Promise<string> => (await fleet.send(at, 'GET', log)).body.position;
    const begin = await head(0);
    const subscribers = Array.from({ length: 2 * processes }, (_, i) => subscribe(fleet, i, project, begin));

    const load = startWriters(fleet, project);
    const race = startRace(fleet, project);
    for (let round = 0; round < kills; round++) {
      await load.more(loopCount(20, 1));
      await sleep(loopCount(0, 5000));
      // Who comes late reads where the log is from one server and follows it at another.
      subscribers.push(subscribe(fleet, round, project, await head(round + 1)));
      const crashes = round === Math.floor(kills / 3) || round === Math.floor((2 * kills) / 3);
      await Promise.all([fleet.kill(round), crashes ? postgres.crash() : undefined]);
    }
    await load.more(40);
    await load.stop();
    const winners = await race;

    const events: ClientEvent[] = [];
    for (let since = begin, more = true; more; ) {
      const { body } = await fleet.send(0, 'GET', `${log}?limit=1000&since=${since}`);
      events.push(...body.data);
      since = body.position;
      more = body.hasMore;
    }
    const first = seqOf(begin);
    expect(events.map(({ position }) => seqOf(position))).toEqual(events.map((_, i) => first + i + 1));
    const created = events.filter(({ type }) => type === 'task:created').map(({ data }) => titleOf(data));
    expect(new Set(created).size).toBe(created.length);
    expect(created).toEqual(expect.arrayContaining([...load.acknowledged]));
    const stored = await titlesOf(fleet, project);
    expect(stored.toSorted()).toEqual(created.toSorted());
    expect(winners).toHaveLength(items);
    expect(new Set(winners).size).toBe(items);
    const history = events.map(essence);
    for (const subscriber of subscribers) {
      const expected = history.slice(seqOf(subscriber.since) - first);
      await subscriber.received(expected.length);
      expect(subscriber.faults).toEqual([]);
      expect(subscriber.events.map(essence)).toEqual(expected);
    }
  },
  loopCount(240_000, 3_600_000),
);

const seqOf = (position: string) => Number(position.split(':')[1]);
const essence = ({ type, position, data }: ClientEvent) => ({ type, position, data });
const titleOf = (data: object) => ('title' in data ? String(data.title) : '');

function subscribe(fleet: ServerFleet, at: number, project: string, since: string) {
  const events: ClientEvent[] = [];
  const faults: string[] = [];
  let look = () => {};
  const client = connect({
    url: fleet.urls[at % processes] ?? '',
    WebSocket,
    token: () => fleet.token,
    onEvent: (event) => {
      events.push(event);
      look();
    },
    onPositionLost: (channel) => {
      faults.push(`lost the position in ${channel}`);
      return undefined;
    },
    onEnded: (channel, reason) => faults.push(`${channel} ended: ${reason}`),
  });
  onTestFinished(() => client.close());
  client.follow(`project:${project}`, since);
  return {
    since,
    events,
    faults,
    received: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (events.length >= count) resolve();
        };
        look();
      }),
  };
}

/** Writers that create tasks and change them, each request at another server. */
function startWriters(fleet: ServerFleet, project: string) {
  const acknowledged = new Set<string>();
  let stopped = false;
  let look = () => {};
  const write = async (writer: number) => {
    for (let i = 0; !stopped; i++) {
      const title = `Task ${writer}.${i}`;
      const { status, body } = await fleet.send(writer + i, 'POST', '/api/tasks', {
        projectId: project,
        title,
      });
      expect(status).toBe(201);
      acknowledged.add(title);
      look();
      const change = { description: `by ${writer}` };
      expect((await fleet.send(writer + i + 1, 'PATCH', `/api/tasks/${body.id}`, change)).status).toBe(200);
    }
  };
  const running = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  running.catch(() => {});
  return {
    acknowledged,
    more(count: number) {
      const wanted = acknowledged.size + count;
      const reached = new Promise<void>((resolve) => {
        look = () => {
          if (acknowledged.size >= wanted) resolve();
        };
        look();
      });
      return Promise.race([reached, running]);
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** Lets a worker at each server work off one queue; resolves with the task of every start that was won. */
async function startRace(fleet: ServerFleet, project: string): Promise<readonly string[]> {
  const taskIds: string[] = [];
  for (let i = 0; i < items; i++) {
    const input = { projectId: project, title: `Item ${i}` };
    taskIds.push((await fleet.send(i, 'POST', '/api/tasks', input)).body.id);
  }
  const input = { projectId: project, taskIds, strategy: 'queue' };
  const queue = `/api/sessions/${(await fleet.send(0, 'POST', '/api/sessions', input)).body.id}/queue`;
  const won: string[] = [];
  const work = async (worker: number) => {
    for (let i = worker; ; i++) {
      const { status, body } = await fleet.send(i, 'POST', `${queue}/start`);
      if (status === 409) continue;
      expect(status).toBe(200);
      if (body.item === null) return;
      won.push(body.item.taskId);
      expect((await fleet.send(i + 1, 'POST', `${queue}/complete`)).status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, worker) => work(worker)));
  return won;
}

async function titlesOf(fleet: ServerFleet, project: string): Promise<string[]> {
  const titles: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path = `/api/tasks?projectId=${project}&envelope=true&limit=1000${cursor && `&cursor=${cursor}`}`;
    const { body } = await fleet.send(0, 'GET', path);
    titles.push(...body.data.map(titleOf));
    cursor = body.nextCursor;
  }
  return titles;
}

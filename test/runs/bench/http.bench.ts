import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuiltServer,
  createServerHome,
  type ServerReply,
  startBuiltServer,
} from '../../support/servers/built-server.ts';
import { compareThroughput, measureMedianTime, measureThroughput, median, writeReport } from './measure.ts';

describe('HTTP', () => {
  let home: Awaited<ReturnType<typeof createServerHome>>;
  let server: BuiltServer;
  let bare: ChildProcess;
  let bareUrl: string;
  let project: ServerReply['body'];
  let task: ServerReply['body'];
  let headers: Record<string, string>;

  beforeAll(async () => {
    home = await createServerHome();
    server = await startBuiltServer(home.path, {
      RATE_LIMIT_READS: '0',
      RATE_LIMIT_WRITES: '0',
      LOG_FILE: join(home.path, 'log'),
      SYNC_COUNT_FILE: join(home.path, 'syncs'),
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'count-syncs.mjs'))}`,
    });
    headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
    project = (await server.send('POST', '/api/projects', { name: 'Bench' })).body;
    const input = { projectId: project.id, title: 'A task', description: 'x'.repeat(300) };
    task = (await server.send('POST', '/api/tasks', input)).body;
    const script = join(import.meta.dirname, 'bare-express.mjs');
    bare = spawn(process.execPath, [script, JSON.stringify(task), join(home.path, 'bare.ndjson')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    bareUrl = String((await once(bare.stdout ?? bare, 'data'))[0]).trim();
  });
  afterAll(async () => {
    bare?.kill();
    await server?.stop();
    await home?.remove();
  });

  it('gives one task, with everything on, against a bare handler that gives the same bytes', async () => {
    const get = (url: string) => () =>
      measureThroughput({ url: `${url}/api/tasks/${task.id}`, connections: 32, headers });
    await compareThroughput('GET one task, 32 connections', get(server.url), get(bareUrl));
  });

  for (const connections of [1, 32]) {
    it(`creates tasks durably from ${connections} connections, against a bare handler that appends and syncs`, async () => {
      const body = JSON.stringify({ projectId: project.id, title: 'A task', description: 'x'.repeat(300) });
      let acknowledged = 0;
      const post = (url: string) => () =>
        measureThroughput({ url: `${url}/api/tasks`, connections, method: 'POST', headers, body });
      const ours = async () => {
        const result = await post(server.url)();
        acknowledged += result.responses;
        return result;
      };
      const before = await readSyncCount(server, join(home.path, 'syncs'));
      await compareThroughput(`POST a task, durable, ${connections} connections`, ours, post(bareUrl));
      const after = await readSyncCount(server, join(home.path, 'syncs'));
      writeReport(`  syncs for each acknowledged write: ${((after - before) / acknowledged).toFixed(3)}`);
    });
  }

  it('gives a page of 50 tasks at the same cost from 1,000 and from 50,000 tasks', async () => {
    const { body: many } = await server.send('POST', '/api/projects', { name: 'Many' });
    const page = `/api/tasks?projectId=${many.id}&status=todo&limit=50&sort=-updatedAt`;
    const fill = async (from: number, to: number) => {
      for (let i = from; i < to; i += 500) {
        await Promise.all(
          Array.from({ length: Math.min(500, to - i) }, (_, j) =>
            server.send('POST', '/api/tasks', { projectId: many.id, title: `Task ${i + j}` }),
          ),
        );
      }
    };
    const cost = async () => {
      await measureMedianTime(100, () => server.send('GET', page));
      return measureMedianTime(300, () => server.send('GET', page));
    };
    await fill(0, 1000);
    const few = await cost();
    await fill(1000, 50_000);
    const lots = await cost();
    writeReport(
      `page of 50: ${few.toFixed(2)} ms of 1,000 tasks, ${lots.toFixed(2)} ms of 50,000: ratio ${(lots / few).toFixed(2)}`,
    );
    expect(lots).toBeGreaterThan(0);
  });

  it('appends to a timeline at the same cost after 100 and after 20,000 entries', async () => {
    const { body: session } = await server.send('POST', '/api/sessions', {
      projectId: project.id,
      taskIds: [],
    });
    const path = `/api/sessions/${session.id}`;
    const fill = async (entries: number) => {
      for (let i = 0; i < entries; i += 500) {
        const timeline = Array.from({ length: Math.min(500, entries - i) }, () => ({
          type: 'progress',
          message: 'step',
        }));
        await server.send('PATCH', path, { timeline });
      }
    };
    const cost = () =>
      measureMedianTime(300, () => server.send('POST', `${path}/timeline`, { message: 'one more' }));
    await fill(100);
    await cost();
    const few = await cost();
    await fill(20_000);
    const lots = await cost();
    writeReport(
      `append to a timeline: ${few.toFixed(2)} ms behind 700, ${lots.toFixed(2)} ms behind 20,700: ratio ${(lots / few).toFixed(2)}`,
    );
    expect(median([few, lots])).toBeGreaterThan(0);
  });
});

/** How often the server has synced data so far. */
async function readSyncCount(server: BuiltServer, file: string): Promise<number> {
  await rm(file, { force: true });
  server.process.kill('SIGUSR2');
  for (;;) {
    const count = await readFile(file, 'utf8').catch(() => undefined);
    if (count !== undefined) return Number(count);
    await setTimeout(10);
  }
}

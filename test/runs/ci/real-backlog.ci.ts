import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../guards/source-file.ts';
import { type BuiltServer, createServerHome, startBuiltServer } from '../../support/servers/built-server.ts';
import { storeSettings } from '../../support/stores/configured-store.ts';

const backlog = join(repositoryRoot, '../shared/data/beads-backlog.jsonl');
const hasBacklog = existsSync(backlog);
const cleanups: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const end of cleanups) await end();
});

interface Home {
  readonly path: string;
  readonly server: BuiltServer;
  /** Runs a subcommand against the server and gives what it prints. */
  command(...args: readonly string[]): Promise<string>;
}

async function open(): Promise<Home> {
  const home = await createServerHome();
  cleanups.unshift(home.remove);
  const server = await startBuiltServer(home.path);
  cleanups.unshift(server.kill);
  const store = await storeSettings(home.path);
  const env = { PATH: process.env.PATH, HOME: home.path, DATA_DIR: join(home.path, 'data'), ...store };
  return {
    path: home.path,
    server,
    command: async (...args) => {
      const main = join(repositoryRoot, 'dist/main.js');
      const options = { cwd: home.path, env, maxBuffer: 2 ** 30 };
      return (await promisify(execFile)(process.execPath, [main, ...args], options)).stdout;
    },
  };
}

describe(`[AR16] the real backlog${hasBacklog ? '' : ' (it is not there: nothing of it is checked)'}`, () => {
  it.skipIf(!hasBacklog)(
    'is imported, worked to the end of a queue and exported to an equal state',
    async () => {
      const { server, command } = await open();
      const issues = linesOf(readFileSync(backlog, 'utf8')).length;
      await command('import', backlog, '--project', 'Backlog');
      const projects = await server.send('GET', '/api/projects');
      expect(projects.body).toHaveLength(1);
      const projectId = projects.body[0].id;
      const all = await server.send(
        'GET',
        `/api/tasks?projectId=${projectId}&limit=1&count=true&envelope=true`,
      );
      expect(all.body.total).toBe(issues);

      await workQueue(server, projectId);

      const copy = await open();
      const exported = await command('export');
      const file = join(copy.path, 'exported.jsonl');
      await writeFile(file, exported);
      await copy.command('import', file);
      expect(linesOf(await copy.command('export')).sort()).toEqual(linesOf(exported).sort());
      expect(await server.stop()).toBe(0);
      expect(await copy.server.stop()).toBe(0);
    },
  );
});

async function workQueue(server: BuiltServer, projectId: string): Promise<void> {
  const open = await server.send('GET', `/api/tasks?projectId=${projectId}&status=todo&limit=50`);
  const taskIds: readonly string[] = open.body.map((task: { id: string }) => task.id);
  expect(taskIds).toHaveLength(50);
  const session = { projectId, taskIds, name: 'Fifty tasks', strategy: 'queue' };
  const created = await server.send('POST', '/api/sessions', session);
  expect(created.status).toBe(201);
  const queue = `/api/sessions/${created.body.id}/queue`;
  for (const taskId of taskIds) {
    const started = await server.send('POST', `${queue}/start`);
    expect(started).toMatchObject({ status: 200, body: { item: { taskId } } });
    const completed = await server.send('POST', `${queue}/complete`);
    expect(completed).toMatchObject({ status: 200, body: { completedItem: { taskId } } });
  }
  expect((await server.send('POST', `${queue}/start`)).body).toMatchObject({ item: null, empty: true });
  const { stats } = (await server.send('GET', queue)).body;
  expect(stats).toMatchObject({ total: 50, completed: 50, queued: 0, processing: 0 });
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

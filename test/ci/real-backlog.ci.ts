import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { top } from '../architecture/source-file.ts';
import { type BuiltServer, startBuiltServer } from './built-server.ts';

const backlog = join(top, '../shared/data/beads-backlog.jsonl');
const there = existsSync(backlog);
const servers: BuiltServer[] = [];

afterAll(() => Promise.all(servers.map((server) => server.remove())));

async function start(): Promise<BuiltServer> {
  const server = await startBuiltServer();
  servers.push(server);
  return server;
}

interface Item {
  readonly taskId: string;
}

describe(`[AR16] the real backlog${there ? '' : ' (not there: nothing of it is checked)'}`, () => {
  it.skipIf(!there)('is imported, worked to the end of a queue, and exported to an equal state', async () => {
    const server = await start();
    await server.command('import', backlog, '--project', 'Backlog');
    const issues = readFileSync(backlog, 'utf8')
      .split('\n')
      .filter((line) => line !== '').length;
    const projects = (await (await server.call('GET', '/api/projects')).json()) as { id: string }[];
    const projectId = projects[0]?.id;
    const page = await server.call(
      'GET',
      `/api/tasks?projectId=${projectId}&status=todo&limit=50&count=true`,
    );
    const all = await server.call('GET', `/api/tasks?projectId=${projectId}&limit=1&count=true`);
    expect(projects).toHaveLength(1);
    expect(Number(all.headers.get('x-total-count'))).toBe(issues);

    const taskIds = ((await page.json()) as { id: string }[]).map((task) => task.id);
    expect(taskIds).toHaveLength(50);
    const created = await server.call('POST', '/api/sessions', {
      projectId,
      taskIds,
      name: 'Fifty tasks',
      strategy: 'queue',
    });
    const { id } = (await created.json()) as { id: string };
    const worked: string[] = [];
    for (const expected of taskIds) {
      const { item } = (await (await server.call('POST', `/api/sessions/${id}/queue/start`)).json()) as {
        item: Item;
      };
      expect(item.taskId).toBe(expected);
      await server.call('POST', `/api/sessions/${id}/queue/complete`);
      worked.push(item.taskId);
    }
    expect(worked).toEqual(taskIds);
    const over = await (await server.call('POST', `/api/sessions/${id}/queue/start`)).json();
    expect(over).toMatchObject({ item: null, empty: true });
    const queue = await (await server.call('GET', `/api/sessions/${id}/queue`)).json();
    expect(queue).toMatchObject({ stats: { total: 50, completed: 50, queued: 0, processing: 0 } });

    const copy = await start();
    const exported = await server.command('export');
    const file = join(copy.dataDir, 'exported.jsonl');
    await writeFile(file, exported);
    await copy.command('import', file);
    expect(sorted(await copy.command('export'))).toEqual(sorted(exported));
    expect(await server.stop()).toBe(0);
    expect(await copy.stop()).toBe(0);
  });
});

function sorted(lines: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openJsonStore } from '../../src/storage/json/json-store.ts';
import { nodeFileSystem } from '../../src/storage/json/node-file-system.ts';
import { sampleProject, samples } from '../support/samples.ts';
import { compareNumbers } from './measure.ts';

const tasks = Number(process.env.BENCH_TASKS ?? 100_000);

it(`starts with ${tasks} tasks in at most 1.5 times what reading and parsing one file of the same bytes takes`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  const options = { dataDir: join(folder, 'data'), files: nodeFileSystem(), closeMs: 3_600_000 };
  const store = await openJsonStore(options);
  const all: unknown[] = [];
  for (let i = 0; i < tasks; i += 1000) {
    await store.transaction('bench', async (tx) => {
      await tx.lock(`project:${sampleProject}`);
      for (let j = i; j < i + 1000; j++) {
        const task = { ...samples.tasks(), description: 'x'.repeat(300) };
        all.push(await tx.tasks.insert(task));
      }
    });
  }
  await store.close();
  const file = join(folder, 'all.json');
  await writeFile(file, JSON.stringify(all));
  all.length = 0;
  const timed = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    const done = await work();
    const taken = performance.now() - start;
    return { taken, done };
  };
  const ratio = await compareNumbers(
    'start, in milliseconds, against one file',
    async () => {
      const { taken, done } = await timed(() => openJsonStore(options));
      await (done as Awaited<ReturnType<typeof openJsonStore>>).close();
      return taken;
    },
    async () => (await timed(async () => JSON.parse(readFileSync(file, 'utf8')))).taken,
  );
  expect((await readFile(join(options.dataDir, 'cache/snapshot.ndjson'))).length).toBeGreaterThan(0);
  await rm(folder, { recursive: true, force: true });
  expect(ratio).toBeLessThan(1.5);
});

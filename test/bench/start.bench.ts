import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/storage/json/disk/node-file-system.ts';
import { openJsonStore } from '../../src/storage/json/json-store.ts';
import { sampleProject, samples } from '../support/samples.ts';
import { compareNumbers, median, report } from './measure.ts';

const tasks = Number(process.env.BENCH_TASKS ?? 100_000);
const start = join(import.meta.dirname, 'start-once.mjs');

/** Milliseconds until a new process has everything. */
async function started(what: 'store' | 'file', path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [start, what, path]);
  return Number(stdout);
}

/** A data folder with so many tasks, stopped in order, and one file of the same bytes. */
async function filled(folder: string) {
  const dataDir = join(folder, 'data');
  // Nobody cuts the power here, and syncing each file takes minutes.
  const replace = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
  const store = await openJsonStore({ dataDir, files: { ...nodeFileSystem(), replace }, closeMs: 3_600_000 });
  const all: unknown[] = [];
  for (let i = 0; i < tasks; i += 1000) {
    await store.transaction('bench', async (tx) => {
      await tx.lock(`project:${sampleProject}`);
      for (let j = i; j < i + 1000; j++) {
        all.push(await tx.tasks.insert({ ...samples.tasks(), description: 'x'.repeat(300) }));
      }
    });
  }
  await store.close();
  const file = join(folder, 'all.json');
  await writeFile(file, JSON.stringify(all));
  return { dataDir, file };
}

it(`starts with ${tasks} tasks in at most 1.5 times what reading and parsing one file of the same bytes takes`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  const { dataDir, file } = await filled(folder);
  const ratio = await compareNumbers(
    `start with ${tasks} tasks, in milliseconds, against one file`,
    () => started('store', dataDir),
    () => started('file', file),
  );
  const all: number[] = [];
  for (let i = 0; i < 3; i++) {
    await rm(join(dataDir, 'cache'), { recursive: true });
    all.push(await started('store', dataDir));
  }
  report(`the same from all entity files: ${Math.round(median(all))}`);
  await rm(folder, { recursive: true, force: true });
  expect(ratio).toBeLessThan(1.5);
});

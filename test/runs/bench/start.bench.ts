import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createNodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';
import { openJsonStore } from '../../../src/storage/json/open-json-store.ts';
import { sampleProjectId, samples } from '../../support/samples/samples.ts';
import { compareNumbers, median, writeReport } from './measure.ts';

const taskCount = Number(process.env.BENCH_TASKS ?? 100_000);
const startScript = join(import.meta.dirname, 'start-once.mjs');

/** Milliseconds until a new process has everything. */
async function measureStart(what: 'store' | 'file', path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [startScript, what, path]);
  return Number(stdout);
}

/** A data folder with so many tasks, stopped in order, and one file of the same bytes. */
async function fillFolder(folder: string) {
  const dataDir = join(folder, 'data');
  // Nobody cuts the power here, and syncing each file takes minutes.
  const replace = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
  const store = await openJsonStore({
    dataDir,
    files: { ...createNodeFileSystem(), replace },
    closeTimeoutMs: 3_600_000,
  });
  const all: unknown[] = [];
  for (let i = 0; i < taskCount; i += 1000) {
    await store.transaction('bench', async (tx) => {
      await tx.lock(`project:${sampleProjectId}`);
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

it(`starts with ${taskCount} tasks in at most 1.5 times what reading and parsing one file of the same bytes takes`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-bench-'));
  const { dataDir, file } = await fillFolder(folder);
  const ratio = await compareNumbers(
    `start with ${taskCount} tasks, in milliseconds, against one file`,
    () => measureStart('store', dataDir),
    () => measureStart('file', file),
  );
  const all: number[] = [];
  for (let i = 0; i < 3; i++) {
    await rm(join(dataDir, 'cache'), { recursive: true });
    all.push(await measureStart('store', dataDir));
  }
  writeReport(`the same from all entity files: ${Math.round(median(all))}`);
  await rm(folder, { recursive: true, force: true });
  expect(ratio).toBeLessThan(1.5);
});

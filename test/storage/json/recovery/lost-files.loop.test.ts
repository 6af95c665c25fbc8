import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Reader } from '../../../../src/application/store/store.ts';
import { StartError } from '../../../../src/domain/start-error.ts';
import { openOrAdoptStore } from '../../../../src/storage/json/adoption/adopt-folder.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { samples } from '../../../support/samples/samples.ts';
import { createCall } from '../../../support/services/service-harness.ts';
import { createFilledFolder, withStoreIn } from '../../../support/stores/filled-folder.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { loopCount } from '../../../support/time/loop-count.ts';
import { readEverything } from '../../contract/read-everything.ts';
import { writeInTransaction } from '../../contract/store-under-test.ts';
import { createCrashImage } from '../disposable-store.ts';

/** A data folder, what it was like before the last changes, and all that was acknowledged. */
interface Folder {
  readonly dataDir: string;
  readonly older: string;
  readonly acknowledged: unknown;
  readonly readAll: (reader: Reader) => Promise<unknown>;
}

const files = createNodeFileSystem();

/** A folder after a clean stop, or as a process left it that was killed, with its files written or not. */
async function createFolder(end: 'stopped' | 'killed' | 'killed after a checkpoint'): Promise<Folder> {
  const { dataDir, fixture } = await createFilledFolder();
  const older = await createTempFolder();
  await cp(dataDir, older, { recursive: true });
  const readAll = async (reader: Reader) => [
    await readEverything(reader, [fixture.sessionId]),
    await reader.events.read(`project:${fixture.projectId}`, 0, 1000),
  ];
  let image = '';
  let acknowledged: unknown;
  const options = end === 'killed after a checkpoint' ? { checkpointIntervalMs: 1 } : {};
  await withStoreIn(
    dataDir,
    async (services, store) => {
      await services.tasks.update(createCall(), fixture.freeTaskId, { title: 'Newer' });
      await services.tasks.create(createCall(), fixture.projectId, { title: 'Another' });
      await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_last' }));
      acknowledged = await store.read(readAll);
      if (end === 'killed after a checkpoint') await waitUntilWritten(join(dataDir, 'journal'));
      image = await createCrashImage(dataDir);
    },
    options,
  );
  return { dataDir: end === 'stopped' ? dataDir : image, older, acknowledged, readAll };
}

/** Waits until a checkpoint has begun a segment that nothing else was written to. */
async function waitUntilWritten(journal: string): Promise<void> {
  for (;;) {
    const names = await readdir(journal);
    const [name = ''] = names;
    if (names.length === 1 && (files.stat(join(journal, name))?.bytes ?? 0) < 60) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Harm = (folder: Folder, file: string) => Promise<void>;

const harms: Readonly<Record<string, Harm>> = {
  'is lost': ({ dataDir }, file) => rm(join(dataDir, file), { force: true, recursive: true }),
  'is empty': ({ dataDir }, file) => writeFile(join(dataDir, file), ''),
  'is a folder': async ({ dataDir }, file) => {
    await rm(join(dataDir, file), { force: true, recursive: true });
    await mkdir(join(dataDir, file));
  },
  'is older': async ({ dataDir, older }, file) => {
    await rm(join(dataDir, file), { force: true, recursive: true });
    await cp(join(older, file), join(dataDir, file)).catch(() => {});
  },
};

async function listFiles(dataDir: string): Promise<string[]> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile());
  return found.map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1)).sort();
}

/** Starts in a copy that was harmed; everything acknowledged is there, or the start is refused and says why. */
async function expectNothingVanished(folder: Folder, steps: readonly (readonly [string, string])[]) {
  const dataDir = await createTempFolder();
  await cp(folder.dataDir, dataDir, { recursive: true, preserveTimestamps: true });
  const context = steps.map(([file, harm]) => `${file} ${harm}`).join(', ');
  for (const [file, harm] of steps) await harms[harm]?.({ ...folder, dataDir }, file);
  const before = await listFiles(dataDir);
  let store: Awaited<ReturnType<typeof openOrAdoptStore>>;
  try {
    store = await openOrAdoptStore({ dataDir, files, takeoverTimeoutMs: 0 });
  } catch (error) {
    expect(error, context).toBeInstanceOf(StartError);
    expect(String(error), context).toMatch(/maestro-server|--accept-edits/);
    expect(await listFiles(dataDir), context).toEqual(expect.arrayContaining(before));
    return 'refused';
  }
  try {
    expect(await store.read(folder.readAll), context).toEqual(folder.acknowledged);
  } finally {
    await store.close();
  }
  expect((await readdir(join(dataDir, '..'))).filter((name) => name.includes('before-'))).toEqual([]);
  return 'whole';
}

for (const end of ['stopped', 'killed', 'killed after a checkpoint'] as const) {
  it(`[JS79] shows everything or refuses to start whatever became of a file of a folder that was ${end}`, async () => {
    const folder = await createFolder(end);
    const names = (await listFiles(folder.dataDir)).filter((name) => !name.startsWith('auth/'));
    const each = names.flatMap((file) => Object.keys(harms).map((harm) => [file, harm] as const));
    const counts = { refused: 0, whole: 0 };
    const singles = each.filter((_, i) => i % loopCount(5, 1) === 0);
    for (const step of singles) counts[await expectNothingVanished(folder, [step])]++;
    expect(counts.refused).toBeGreaterThan(5);
    const stride = loopCount(1997, 7);
    for (let i = 0; i < each.length ** 2; i += stride) {
      const [first, second] = [each[Math.floor(i / each.length)], each[i % each.length]];
      if (first === undefined || second === undefined || first[0] >= second[0]) continue;
      counts[await expectNothingVanished(folder, [first, second])]++;
    }
    process.stdout.write(`${counts.refused} refused, ${counts.whole} whole\n`);
  }, 3_600_000);
}

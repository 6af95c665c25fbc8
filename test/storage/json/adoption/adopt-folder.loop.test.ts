import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { createRandom, readSeed } from '../../../support/samples/random.ts';
import { loopCount } from '../../../support/time/loop-count.ts';
import {
  createLegacyFolder,
  listFolderCopies,
  openAndClose,
  readAdopted,
  unsharedFileSystem,
} from './adopt-legacy-folder.ts';
import { legacyFiles } from './legacy-files.ts';

/** Everything that an adopted folder holds, whatever the times and epochs of it. */
function contents(dataDir: string): Promise<unknown> {
  return readAdopted(dataDir, async (reader) => ({
    projects: (await reader.projects.list({ limit: 100 })).items,
    tasks: (await reader.tasks.list({ limit: 100 })).items,
    sessions: (await reader.sessions.list({ limit: 100 })).items,
    queues: (await reader.queues.list({ limit: 100 })).items,
    documents: (await reader.documents.list({ limit: 100 })).items,
    templates: (await reader.templates.list({ limit: 100 })).items,
    timeline: await reader.timeline.read('sess_a', 0, 100),
    activity: await reader.activity.read('sess_a', 0, 100),
    contents: await reader.contents.read('sess_a', 0, 100),
  }));
}

const adopter = join(import.meta.dirname, 'killed-adopter.mjs');

/** Starts a process that adopts the folder; resolves to how it ended, and what it said. */
function adoptElsewhere(
  ...args: readonly string[]
): Promise<{ readonly ended: unknown; readonly said: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [adopter, ...args], (_, said) =>
      resolve({ ended: child.signalCode ?? child.exitCode, said }),
    );
  });
}

/** Expects the files of the other server where nothing was changed yet. */
async function expectUntouched(dataDir: string): Promise<void> {
  if ((await readdir(dataDir)).some((name) => name === 'adopted' || name === 'store.json')) return;
  for (const file of Object.keys(legacyFiles)) await stat(join(dataDir, file));
}

/** Lets a start end the adoption, and expects the same outcome as always. */
async function expectAdopted(dataDir: string, wanted: unknown, context: string): Promise<void> {
  expect(await contents(dataDir), context).toEqual(wanted);
  const copies = await listFolderCopies(dataDir);
  expect(copies.filter((name) => name.endsWith('.partial'))).toEqual([]);
  for (const copy of copies) {
    for (const [file, value] of Object.entries(legacyFiles)) {
      const text = await readFile(join(dirname(dataDir), copy, file), 'utf8');
      expect(text, `${context}: ${copy}`).toBe(typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  expect(copies, context).toHaveLength(1);
  const names = await readdir(dataDir);
  expect(names, context).not.toContain('adopting.json');
  expect(names, context).not.toContain('adopted');
}

it('[AD9] [AD11] is itself or all adopted, wherever the process ends', async () => {
  const whole = await createLegacyFolder();
  await openAndClose(whole);
  const wanted = await contents(whole);
  let ops = 0;
  await openAndClose(
    await createLegacyFolder(),
    endingAfter(Number.POSITIVE_INFINITY, () => ops++),
  );
  expect(ops).toBeGreaterThan(100);
  for (let last = 0; last < ops; last += loopCount(67, 1)) {
    const dataDir = await createLegacyFolder();
    await openAndClose(dataDir, endingAfter(last)).catch(() => {});
    await expectUntouched(dataDir);
    await expectAdopted(dataDir, wanted, `ended after ${last} of ${ops}`);
  }
}, 1_800_000);

/** The calls at which it is killed when not at all: of the copy, of what is made of it, and of what is put in place. */
const points = /^move .*(partial|adopted.restoring|adopted.store\.json)$/;

it('[AD9] [AD11] is itself or all adopted, at whatever call of the file system the process is killed, once or twice', async () => {
  const [seed, whole] = [readSeed(), await createLegacyFolder()];
  const random = createRandom(seed);
  const calls = (await adoptElsewhere(whole)).said.trim().split('\n');
  const wanted = await contents(whole);
  const isFull = loopCount(0, 1) === 1;
  let kills = 0;
  for (const [i, call] of calls.entries()) {
    if (!isFull && !points.test(call)) continue;
    for (const moment of isFull ? ['before', 'during'] : ['after']) {
      const dataDir = await createLegacyFolder();
      const context = `TEST_SEED=${seed}, killed ${moment} ${i + 1}, ${call}`;
      expect((await adoptElsewhere(dataDir, `${i + 1}`, moment)).ended, context).toBe('SIGKILL');
      kills++;
      await expectUntouched(dataDir);
      if (isFull && random(3) === 0) {
        await adoptElsewhere(dataDir, `${1 + random(calls.length)}`, moment);
        await expectUntouched(dataDir);
      }
      await expectAdopted(dataDir, wanted, context);
    }
  }
  expect(kills).toBeGreaterThan(2);
  process.stdout.write(`${kills} of ${calls.length} calls at which an adoption was killed\n`);
}, 3_600_000);

/** The disk of a process that ends after so many changes to it: whatever it does then is not done. */
function endingAfter(last: number, count = () => {}): FileSystem {
  let left = last;
  const change = <Args extends readonly unknown[], T>(work: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      count();
      if (left-- <= 0) throw new Error('The process ended.');
      return work(...args);
    };
  };
  return {
    ...unsharedFileSystem,
    makeFolder: change(unsharedFileSystem.makeFolder),
    create: change(async (path) => {
      const file = await unsharedFileSystem.create(path);
      return {
        append: change((bytes) => file.append(bytes)),
        sync: change(() => file.sync()),
        close: () => file.close(),
      };
    }),
    openForAppend: change(unsharedFileSystem.openForAppend),
    createExclusive: change(unsharedFileSystem.createExclusive),
    replace: change(unsharedFileSystem.replace),
    move: change(unsharedFileSystem.move),
    remove: change(unsharedFileSystem.remove),
    syncFolder: change(unsharedFileSystem.syncFolder),
    startHeartbeat: async () => async () => {},
    // Whoever held it is gone.
    isRunning: () => false,
  };
}

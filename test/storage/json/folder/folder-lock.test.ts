import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Store } from '../../../../src/application/store/store.ts';
import type { FileSystem, LockHolder } from '../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { FolderInUseError } from '../../../../src/storage/json/folder/folder-in-use-error.ts';
import { samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { readCommitted, writeInTransaction } from '../../contract/store-under-test.ts';
import { createCrashImage, openStoreIn } from '../disposable-store.ts';

/** The file system of a process that is what `holder` says. */
function filesOf(holder: Partial<LockHolder>): FileSystem {
  const real = createNodeFileSystem();
  return { ...real, currentProcess: () => ({ ...real.currentProcess(), ...holder }) };
}

/** A process of this machine that is dead: its number is in use by another one that began later. */
const dead = filesOf({ processStart: '1' });
/** A process of which nothing can be seen from here. */
const unseen = filesOf({ host: 'elsewhere' });

async function snapshot(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = entry.isFile() ? await readFile(path, 'utf8') : '';
      return `${path} ${(await stat(path)).ino} ${text}`;
    }),
  );
}

it('[JS30] is refused at once by a living owner, in one sentence that names it, and changes nothing', async () => {
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir);
  const before = await snapshot(dataDir);
  // Were it watched, it would be for longer than the test.
  const error = await openStoreIn(dataDir, { takeoverTimeoutMs: 3_600_000 }).catch(
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(FolderInUseError);
  const since = new Date().getUTCFullYear();
  expect(String(error)).toMatch(
    new RegExp(`${dataDir} is in use by process ${process.pid} on ${hostname()} since ${since}-.*; .*\\.$`),
  );
  expect(await snapshot(dataDir)).toStrictEqual(before);
});

it('[JS31] takes the folder of a dead owner at once, and of one that gave it back', async () => {
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir, { files: dead });
  const next = await openStoreIn(dataDir, { takeoverTimeoutMs: 3_600_000 });
  await next.close();
  await openStoreIn(dataDir);
});

it('[JS46] takes the folder of an owner that died before its claim was whole, and waits for one at it', async () => {
  const takeBehind = async (piece: string) => {
    const dataDir = await createTempFolder();
    await (await openStoreIn(dataDir)).close();
    const claim = join(dataDir, 'lock', 'term-00000002');
    await writeFile(claim, piece);
    let looks = 0;
    const files: FileSystem = {
      ...createNodeFileSystem(),
      readText: (path) => {
        if (path === claim) looks += 1;
        return createNodeFileSystem().readText(path);
      },
    };
    // An owner that cannot be seen would be watched for longer than the test.
    const next = await openStoreIn(dataDir, { files, takeoverTimeoutMs: 3_600_000 });
    // It looks twenty times a second.
    expect(looks).toBeLessThan(40);
    await next.close();
  };
  await Promise.all(['', '{"pid":1', '\0\0\0'].map(takeBehind));
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir);
  const claim = join(dataDir, 'lock', 'term-00000001');
  const whole = await readFile(claim);
  const real = createNodeFileSystem();
  let looks = 0;
  // It is about to write its claim, and then its heartbeat.
  const files: FileSystem = {
    ...real,
    stat: (path) => (looks < 3 && path.includes('owner-') ? undefined : real.stat(path)),
    readText: (path) => (path === claim && looks++ < 3 ? '' : real.readText(path)),
  };
  await expect(openStoreIn(dataDir, { files })).rejects.toThrow(`in use by process ${process.pid}`);
  expect(await readFile(claim)).toStrictEqual(whole);
});

it('[JS32] lets exactly one of many have the folder', async () => {
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir, { files: dead });
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => openStoreIn(dataDir)));
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refusals).toHaveLength(7);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(FolderInUseError);
});

it('[JS33] takes the folder of an owner it cannot see only once that shows no life', async () => {
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir, { files: unseen });
  const heartbeat = join(dataDir, 'lock', 'owner-00000001.lock');
  const alive = setInterval(() => void utimes(heartbeat, new Date(), new Date()), 20);
  try {
    await expect(openStoreIn(dataDir, { takeoverTimeoutMs: 60_000 })).rejects.toThrow(FolderInUseError);
  } finally {
    clearInterval(alive);
  }
  await openStoreIn(dataDir, { takeoverTimeoutMs: 300 });
});

it('[JS34] does not take the folder of a living owner because a clock is wrong', async () => {
  const dataDir = await createTempFolder();
  await openStoreIn(dataDir);
  const heartbeat = join(dataDir, 'lock', 'owner-00000001.lock');
  for (const hours of [-1, 1]) {
    const wrong = (at: number) => new Date(at + hours * 3_600_000);
    await utimes(heartbeat, wrong(Date.now()), wrong(Date.now()));
    const alive = setInterval(() => void utimes(heartbeat, wrong(Date.now()), wrong(Date.now())), 20);
    try {
      await expect(openStoreIn(dataDir, { takeoverTimeoutMs: 60_000 })).rejects.toThrow(FolderInUseError);
    } finally {
      clearInterval(alive);
    }
  }
});

it('[JS35] acknowledges, shows and writes nothing once another process has taken the folder over', async () => {
  const dataDir = await createTempFolder();
  const failures: unknown[] = [];
  const zombie = await openStoreIn(dataDir, {
    files: dead,
    onFatalError: (failure) => failures.push(failure),
  });
  await writeInTransaction(zombie, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  const successor = await openStoreIn(dataDir);
  const refused = { code: 'STORE_FAILED' };
  await expect(
    writeInTransaction(zombie, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_zombie' })),
  ).rejects.toMatchObject(refused);
  await expect(readCommitted(zombie, 'tasks', 'task_a')).rejects.toMatchObject(refused);
  await expect(writeInTransaction(zombie, async () => {})).rejects.toMatchObject(refused);
  expect(failures).toHaveLength(1);
  expect(zombie.health().status).toBe('failed');
  await writeInTransaction(successor, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_b' }));
  await successor.close();

  const before = await snapshot(dataDir);
  await zombie.close();
  expect(await snapshot(dataDir)).toStrictEqual(before);
  const next = await openStoreIn(dataDir);
  const { items } = await next.read((reader) => reader.tasks.list({ limit: 9 }));
  expect(items.map((task) => task.id)).toStrictEqual(['task_a', 'task_b']);
});

it('[JS37] removes nothing of the process that replaced it in the middle of its last checkpoint', async () => {
  const dataDir = await createTempFolder();
  let isClosing = false;
  let successor: Store | undefined;
  const replace: FileSystem['replace'] = async (path, text, assertOwner) => {
    await dead.replace(path, text, assertOwner);
    if (!isClosing || !path.endsWith('checkpoint.json')) return;
    successor = await openStoreIn(dataDir);
    await writeInTransaction(successor, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_b' }));
  };
  const zombie = await openStoreIn(dataDir, { files: { ...dead, replace } });
  await writeInTransaction(zombie, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  isClosing = true;
  await zombie.close();
  expect(successor).toBeDefined();
  const next = await openStoreIn(await createCrashImage(dataDir));
  const { items } = await next.read((reader) => reader.tasks.list({ limit: 9 }));
  expect(items.map((task) => task.id)).toStrictEqual(['task_a', 'task_b']);
});

it('[JS36] stops a reader that another process has replaced, within a tenth of a second', async () => {
  const dataDir = await createTempFolder();
  const zombie = await openStoreIn(dataDir, { files: dead });
  await openStoreIn(dataDir);
  const later = performance.now() + 101;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => later);
  onTestFinished(() => clock.mockRestore());
  await expect(readCommitted(zombie, 'tasks', 'task_a')).rejects.toMatchObject({ code: 'STORE_FAILED' });
});

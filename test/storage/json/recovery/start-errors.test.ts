import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { StartError } from '../../../../src/domain/start-error.ts';
import { DamageError } from '../../../../src/storage/json/disk/damage-error.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { writeInTransaction } from '../../contract/store-under-test.ts';
import { openStoreIn } from '../disposable-store.ts';

/** A folder that was stopped cleanly with one project and two tasks in it. */
async function stoppedStore(): Promise<string> {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await writeInTransaction(store, async (tx) => {
    await tx.projects.insert({ ...samples.projects(), id: 'proj_sample' });
    for (const id of ['task_a', 'task_b']) await tx.tasks.insert({ ...samples.tasks(), id });
  });
  await store.close();
  // Without it every file is read, and looked at for itself.
  await rm(join(dataDir, 'cache'), { recursive: true });
  return dataDir;
}

async function put(dataDir: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(dataDir, file)), { recursive: true });
  await writeFile(join(dataDir, file), text);
}

it('[JS70] refuses a folder with entity files of another server, in one sentence, and changes nothing', async () => {
  for (const file of ['projects/proj_a.json', 'tasks/task_root.json', 'tasks/proj_a/task_a.json']) {
    const dataDir = await createTempFolder();
    await put(dataDir, file, '{}');
    const before = await readdir(dataDir, { recursive: true });
    const error = await openStoreIn(dataDir).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).toMatch(/holds entity files but no store\.json, .*\.$/);
    expect(await readdir(dataDir, { recursive: true })).toStrictEqual(before);
  }
});

it('[JS71] takes a folder that is missing, empty, or holds only what is not the business of a store', async () => {
  const dataDir = await createTempFolder();
  await put(dataDir, 'auth/admin-token', 'token');
  await put(dataDir, 'tasks/notes.txt', 'mine');
  await openStoreIn(dataDir);
  await openStoreIn(join(dataDir, 'not', 'there'));
  expect(await readFile(join(dataDir, 'auth/admin-token'), 'utf8')).toBe('token');
});

it('[JS72] refuses a format that it does not know', async () => {
  const dataDir = await stoppedStore();
  const store = JSON.parse(await readFile(join(dataDir, 'store.json'), 'utf8'));
  await put(dataDir, 'store.json', JSON.stringify({ ...store, format: 2 }));
  await expect(openStoreIn(dataDir)).rejects.toThrow(/has format 2, this version knows format 1/);
  await put(dataDir, 'store.json', JSON.stringify({ ...store, format: 'one' }));
  await expect(openStoreIn(dataDir)).rejects.toThrow(DamageError);
});

it('[JS73] refuses a network file system unless that is allowed', async () => {
  const dataDir = await createTempFolder();
  const files = { ...createNodeFileSystem(), volume: async () => ({ freeBytes: 2 ** 40, network: 'NFS' }) };
  await expect(openStoreIn(dataDir, { files })).rejects.toThrow(/lies on a NFS file system/);
  expect(await readdir(dataDir)).toStrictEqual([]);
  await openStoreIn(dataDir, { files, allowNetwork: true });
});

const faults: readonly [string, string, (dataDir: string) => Promise<void>][] = [
  ['is no JSON', 'tasks/proj_sample/task_a.json', (dir) => put(dir, 'tasks/proj_sample/task_a.json', '{"id')],
  ['is empty', 'projects/proj_sample.json', (dir) => put(dir, 'projects/proj_sample.json', '')],
  [
    'has another shape',
    'projects/proj_sample.json',
    (dir) => put(dir, 'projects/proj_sample.json', '{"id":"proj_sample","name":7}'),
  ],
  [
    'has the id of another file',
    'tasks/proj_sample/task_c.json',
    (dir) => cp(join(dir, 'tasks/proj_sample/task_a.json'), join(dir, 'tasks/proj_sample/task_c.json')),
  ],
  [
    'lies beside its project',
    'tasks/task_a.json',
    (dir) => cp(join(dir, 'tasks/proj_sample/task_a.json'), join(dir, 'tasks/task_a.json')),
  ],
  [
    'lies in another project',
    'tasks/proj_other/task_a.json',
    (dir) => cp(join(dir, 'tasks/proj_sample/task_a.json'), join(dir, 'tasks/proj_other/task_a.json')),
  ],
];

for (const [what, file, spoil] of faults) {
  it(`[JS74] refuses an entity file that ${what}, and names it`, async () => {
    const dataDir = await stoppedStore();
    await spoil(dataDir);
    const error = await openStoreIn(dataDir).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(DamageError);
    expect(error).toMatchObject({ location: { file } });
    expect(String(error)).toContain(file);
    await expect(openStoreIn(dataDir), 'and again').rejects.toThrow(DamageError);
  });
}

it('[JS75] refuses a folder whose checkpoint or format file is missing or damaged', async () => {
  for (const file of ['checkpoint.json', 'store.json']) {
    const dataDir = await stoppedStore();
    await put(dataDir, file, '{"tx":1');
    await expect(openStoreIn(dataDir)).rejects.toMatchObject({ location: { file } });
  }
  const dataDir = await stoppedStore();
  await createNodeFileSystem().remove(join(dataDir, 'checkpoint.json'));
  await expect(openStoreIn(dataDir)).rejects.toMatchObject({ location: { file: 'checkpoint.json' } });
});

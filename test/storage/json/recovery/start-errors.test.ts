import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { StartError } from '../../../../src/domain/start-error.ts';
import { openOrAdoptStore } from '../../../../src/storage/json/adoption/adopt-folder.ts';
import { DamageError } from '../../../../src/storage/json/disk/damage-error.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { runInFolder } from '../../../support/programs/run-in-folder.ts';
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

it('[JS71] takes a folder that is missing, empty, or holds only what the server keeps beside a store', async () => {
  const dataDir = await createTempFolder();
  await put(dataDir, 'auth/admin-token', 'token');
  for (const file of ['server-url', 'server.log', '.DS_Store', 'lost+found/1']) await put(dataDir, file, '');
  await mkdir(join(dataDir, 'tasks'));
  await openStoreIn(dataDir);
  await openStoreIn(join(dataDir, 'not', 'there'));
  expect(await readFile(join(dataDir, 'auth/admin-token'), 'utf8')).toBe('token');
});

it('[JS76] refuses a folder that holds something else entirely, names a file of it, and changes nothing', async () => {
  for (const file of ['notes.txt', 'src/main.c', 'tasks/notes.txt', 'store']) {
    const dataDir = await createTempFolder();
    await put(dataDir, file, 'mine');
    const before = await readdir(dataDir, { recursive: true });
    const error = await openStoreIn(dataDir).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(StartError);
    expect(String(error)).toContain(`holds ${file} and no store of this server`);
    expect(await readdir(dataDir, { recursive: true })).toStrictEqual(before);
  }
});

it('[JS78] says in one sentence what the operating system has against a folder', async () => {
  const around = await createTempFolder();
  await put(around, 'file', 'mine');
  const real = createNodeFileSystem();
  const failing = (code: string) => (path: string) => {
    throw Object.assign(new Error(`${code}: raw`), { code, path });
  };
  const noPermission = /cannot be used: lock: this user has no permission\. Set DATA_DIR to a folder/;
  const readOnly = /cannot be used: \S+: the disk is read-only\. Set DATA_DIR/;
  for (const [dataDir, files, sentence] of [
    [join(around, 'file'), real, /file cannot be used: it is a file, not a folder\. Set DATA_DIR/],
    [join(around, 'file', 'data'), real, /cannot be used: a part of the path is a file, not a folder\./],
    ['/proc/data', real, /\/proc\/data cannot be used: it does not exist, and nothing can be made there\./],
    [
      around.replace('folder', 'new'),
      { ...real, makeFolder: failing('EACCES') },
      /new cannot be used: this user/,
    ],
    [join(around, 'none'), { ...real, createExclusive: failing('EROFS') }, readOnly],
    [
      join(around, 'other'),
      { ...real, makeFolder: failing('EROFS') },
      /other cannot be used: the disk is read-only/,
    ],
    [
      join(around, 'none'),
      {
        ...real,
        makeFolder: (path: string) =>
          path.endsWith('lock') ? failing('EACCES')(path) : real.makeFolder(path),
      },
      noPermission,
    ],
  ] as const) {
    const error = await openStoreIn(dataDir, { files }).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toMatch(sentence);
    expect((error as StartError).message).not.toMatch(/raw|\n/);
  }
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

it('[JS77] refuses a store that lost the file which says so, and check --fix writes it again', async () => {
  for (const lose of [(file: string) => rm(file), (file: string) => writeFile(file, '')]) {
    const dataDir = await stoppedStore();
    await lose(join(dataDir, 'store.json'));
    const error = await openOrAdoptStore({ dataDir, files: createNodeFileSystem() }).catch(String);
    expect(error).toMatch(
      /store\.json: the file is missing beside checkpoint\.json\. .* "maestro-server check --fix"/,
    );
    expect((await readdir(dirname(dataDir))).filter((name) => name.includes('before'))).toStrictEqual([]);
    const { code, out } = await runInFolder(dataDir, ['check', '--fix']);
    expect(out).not.toMatch(/^fault/m);
    expect(code).toBe(0);
    const store = await openStoreIn(dataDir);
    expect((await store.read((reader) => reader.tasks.list({ limit: 9 }))).items).toHaveLength(2);
  }
});

it('[JS79] goes on without entity files that are lost, or older than what was committed, on demand', async () => {
  const dataDir = await stoppedStore();
  const file = join(dataDir, 'tasks/proj_sample/task_b.json');
  await rm(file);
  await expect(openStoreIn(dataDir)).rejects.toThrow(
    /some are missing, .*check --verify.*check --accept-edits\./,
  );
  expect((await runInFolder(dataDir, ['check'])).out).toMatch(/^fault +files .*some are missing/m);
  expect((await runInFolder(dataDir, ['check', '--accept-edits'])).code).toBe(0);
  const store = await openStoreIn(dataDir);
  const { items } = await store.read((reader) => reader.tasks.list({ limit: 9 }));
  expect(items.map(({ id }) => id)).toStrictEqual(['task_a']);
});

import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Services } from '../../../../src/application/services.ts';
import type { FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { editFile } from '../../../support/programs/run-check.ts';
import { runInFolder } from '../../../support/programs/run-in-folder.ts';
import { createCall } from '../../../support/services/service-harness.ts';
import { createFilledFolder, withStoreIn } from '../../../support/stores/filled-folder.ts';
import { createCrashImage, openStoreIn } from '../disposable-store.ts';

async function stopped() {
  const { dataDir, fixture } = await createFilledFolder();
  const file = `tasks/${fixture.projectId}/${fixture.freeTaskId}.json`;
  return { dataDir, fixture, file, path: join(dataDir, file), cache: join(dataDir, 'cache/snapshot.ndjson') };
}

/** The file system, and which entity files were read through it. */
function reading() {
  const real = createNodeFileSystem();
  const read: string[] = [];
  const note = (path: string) => {
    if (/\/(projects|tasks|sessions)\//.test(path)) read.push(path);
  };
  const files = {
    ...real,
    readText(path: string) {
      note(path);
      return real.readText(path);
    },
  };
  return { files, read };
}

it('[JS100] starts from one file behind a clean stop, and from the entity files without it', async () => {
  const { dataDir, cache } = await stopped();
  const whole = await readFile(cache);
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  for (const [spoil, reads] of [
    [async () => {}, false],
    ...ends.slice(0, -1).map((end) => [() => writeFile(cache, whole.subarray(0, end + 1)), true] as const),
    [() => writeFile(cache, whole.subarray(0, -3)), true],
    [() => writeFile(cache, new Uint8Array(whole.length)), true],
    [() => writeFile(cache, ''), true],
    [() => editFile(cache, (text) => text.replace('Fixture', 'fIXTURE')), true],
    [() => rm(join(dataDir, 'cache'), { recursive: true }), true],
  ] as const) {
    await spoil();
    const { files, read } = reading();
    await withStoreIn(
      dataDir,
      async (services) => {
        const { items } = await services.projects.list(createCall(), { limit: 10 });
        expect(items.map(({ name }) => name)).toEqual(['Fixture']);
      },
      { files },
    );
    expect(read.length > 0).toBe(reads);
  }
});

it('[JS101] goes away before any entity file changes', async () => {
  const { dataDir, cache } = await stopped();
  await withStoreIn(dataDir, async (services) => {
    await readFile(cache);
    await services.projects.create(createCall(), { name: 'Another' });
    await withStoreIn(await createCrashImage(dataDir), async (after) =>
      expect((await after.projects.list(createCall(), { limit: 10 })).items).toHaveLength(2),
    );
  });
  const { files, read } = reading();
  let gone: boolean | undefined;
  const replace: typeof files.replace = async (path, ...rest) => {
    if (path.includes('/projects/')) gone ??= files.stat(cache) === undefined;
    await files.replace(path, ...rest);
  };
  await withStoreIn(dataDir, (services) => services.projects.create(createCall(), { name: 'Third' }), {
    files: { ...files, replace },
  });
  expect({ gone, read }).toEqual({ gone: true, read: [] });
  await readFile(cache);
});

it('[JS102] refuses to start over edited files and names them, and changes nothing', async () => {
  const { dataDir, file, path } = await stopped();
  await editFile(path, (text) => text.replace('"Free"', '"Edited"'));
  await writeFile(join(dataDir, 'projects', 'proj_new.json'), '{}');
  await expect(openStoreIn(dataDir)).rejects.toThrow(
    `Entity files were edited while no server used them: ${file}, projects/proj_new.json (new). Put them back`,
  );
  expect(await readFile(path, 'utf8')).toContain('"Edited"');
  await rm(join(dataDir, 'projects', 'proj_new.json'));
  await editFile(path, (text) => text.replace('"Edited"', '"Free"'));
  await openStoreIn(dataDir);
});

it('[JS102] takes files that were only touched or copied, and notices what is edited then', async () => {
  const { dataDir, path } = await stopped();
  await utimes(path, 1, 1);
  const image = await createCrashImage(dataDir);
  await (await openStoreIn(image)).close();
  const { files, read } = reading();
  await (await openStoreIn(image, { files })).close();
  expect(read).toEqual([]);
  await editFile(join(image, path.slice(dataDir.length)), (text) => text.replace('"Free"', '"Edited"'));
  await expect(openStoreIn(image)).rejects.toThrow('were edited');
});

it('[JS102] notices what is edited after a crash that changed no entity file since the clean stop', async () => {
  const { dataDir, file } = await stopped();
  await withStoreIn(dataDir, async (services) => {
    await services.projects.create(createCall(), { name: 'Another' });
    const image = await createCrashImage(dataDir);
    await editFile(join(image, file), (text) => text.replace('"Free"', '"Edited"'));
    await expect(openStoreIn(image)).rejects.toThrow(`were edited while no server used them: ${file}.`);
  });
});

it('[JS103] takes edits in on demand, with a version, an event and an actor of their own', async () => {
  const { dataDir, fixture, file, path } = await stopped();
  const { projectId, freeTaskId, taskId } = fixture;
  await editFile(path, (text) => text.replace('"Free"', '"Edited"'));
  await editFile(join(dataDir, 'projects', `${projectId}.json`), (text) =>
    text.replace('Fixture', 'Changed'),
  );
  await rm(join(dataDir, 'tasks', projectId, `${taskId}.json`));
  const { code, out } = await runInFolder(dataDir, ['check', '--accept-edits', '--verify', '--fix']);
  const gone = `tasks/${projectId}/${taskId}.json`;
  expect(out).toContain(
    `Took edits in: projects/${projectId}.json, ${file}. What was gone is written again: ${gone};`,
  );
  expect(code).toBe(0);
  await withStoreIn(dataDir, async (services, store) => {
    expect(await services.tasks.get(createCall(), freeTaskId)).toMatchObject({ title: 'Edited', version: 3 });
    expect(JSON.parse(await readFile(join(dataDir, gone), 'utf8'))).toMatchObject({
      id: taskId,
      version: (await services.tasks.get(createCall(), taskId)).version,
    });
    expect(await services.projects.get(createCall(), projectId)).toMatchObject({
      name: 'Changed',
      version: 2,
    });
    const events = await store.read((reader) => reader.events.read(`project:${projectId}`, 0, 1000));
    expect(events.slice(-2).map(({ name, actor }) => [name, actor])).toEqual([
      ['project:updated', 'external_edit'],
      ['task:updated', 'external_edit'],
    ]);
  });
});

it('[JS103] takes in only what was edited, whatever became of the rest after the file was written', async () => {
  const { dataDir, fixture, file } = await stopped();
  await withStoreIn(dataDir, async (services) => {
    await services.tasks.update(createCall(), fixture.freeTaskId, { description: 'Newer' });
    const image = await createCrashImage(dataDir);
    await editFile(join(image, file), (text) => text.replace('"Free"', '"Edited"'));
    expect((await runInFolder(image, ['check', '--accept-edits'])).code).toBe(0);
    await withStoreIn(image, async (after) =>
      expect(await after.tasks.get(createCall(), fixture.freeTaskId)).toMatchObject({
        title: 'Edited',
        description: 'Newer',
        version: 4,
      }),
    );
  });
});

it('[JS103] does not take a file that was added, and nothing where no store is', async () => {
  const { dataDir } = await stopped();
  await writeFile(join(dataDir, 'projects', 'proj_new.json'), '{}');
  const { code, err } = await runInFolder(dataDir, ['check', '--accept-edits']);
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining('Files were added by hand: projects/proj_new.json. Take'),
  });
  const none = join(dataDir, 'none');
  expect((await runInFolder(none, ['check', '--accept-edits'])).out).toContain(
    'There was no edit to take in.',
  );
  await expect(readFile(none)).rejects.toThrow('ENOENT');
});

it('[JS104] takes no edit in that makes no sense, and leaves the file', async () => {
  const { dataDir, fixture, path } = await stopped();
  const text = await readFile(path, 'utf8');
  for (const [after, why] of [
    [text.slice(9), /cannot be taken in: it: /],
    [text.replace('"in_review"', '"banana"'), /status: /],
    [text.replace(fixture.projectId, 'proj_other'), /its ids and its creation stay/],
  ] as const) {
    await writeFile(path, after);
    const { code, err } = await runInFolder(dataDir, ['check', '--accept-edits']);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(why) });
    expect(await readFile(path, 'utf8')).toBe(after);
  }
});

it('[JS105] loses nothing that is committed while the snapshot is taken away', async () => {
  const { dataDir, fixture } = await stopped();
  const real = createNodeFileSystem();
  const create = (services: Services, title: string) =>
    services.tasks.create(createCall(), fixture.projectId, { title });
  let image: string | undefined;
  let commit: (() => Promise<void>) | undefined;
  let committed = false;
  let noted = () => {};
  const isNoted = new Promise<void>((resolve) => {
    noted = resolve;
  });
  const files: FileSystem = {
    ...real,
    async syncFolder(path) {
      if (path === join(dataDir, 'cache')) await commit?.();
      return real.syncFolder(path);
    },
    async replace(path, ...rest) {
      await real.replace(path, ...rest);
      if (path !== join(dataDir, 'checkpoint.json') || !committed || image !== undefined) return;
      image = await createCrashImage(dataDir);
      noted();
    },
  };
  await withStoreIn(
    dataDir,
    async (services) => {
      commit = async () => {
        commit = undefined;
        await create(services, 'Meanwhile');
        committed = true;
      };
      await create(services, 'Before');
      await isNoted;
    },
    { files, checkpointIntervalMs: 1 },
  );
  await withStoreIn(image ?? '', async (services) => {
    const { items } = await services.tasks.list(createCall(), { limit: 100 });
    expect(items.map(({ title }) => title)).toEqual(expect.arrayContaining(['Before', 'Meanwhile']));
  });
});

import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kinds } from '../../../../src/application/store/collections.ts';
import type { Store } from '../../../../src/application/store/store.ts';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../../support/samples/samples.ts';
import { otherProjectId } from '../../../support/samples/variants.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { readEverything } from '../../contract/read-everything.ts';
import { idOf, insertSample, readCommitted, writeInTransaction } from '../../contract/store-under-test.ts';
import { spyOnFileSystem } from '../disk/file-system-spy.ts';
import { createCrashImage, openStoreIn } from '../disposable-store.ts';

const look = (store: Store) => store.read((reader) => readEverything(reader, ['sess_a']));

async function fill(store: Store): Promise<void> {
  await writeInTransaction(store, async (tx) => {
    for (const kind of kinds) await insertSample(tx, kind);
    for (const log of ['timeline', 'activity', 'contents'] as const) {
      // Each log gets the sample of its kind.
      await tx[log].append('sess_a', sampleProjectId, logSamples[log]() as never);
    }
    tx.emit('task:created', eventSamples['task:created']);
  });
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

it('[JS1] keeps each entity in a file of its own, as readable JSON under the names of its fields', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  const task = { ...samples.tasks(), id: 'task_a' };
  const queue = { ...samples.queues(), sessionId: 'sess_a' };
  await writeInTransaction(store, async (tx) => {
    await tx.tasks.insert(task);
    await tx.queues.insert(queue);
    await tx.projects.insert({ ...samples.projects(), id: sampleProjectId });
    await tx.sessions.insert({ ...samples.sessions(), id: 'sess_a' });
    await tx.documents.insert({ ...samples.documents(), id: 'doc_a' });
  });
  await store.close();
  expect(
    (await filesIn(dataDir)).filter((file) => /^(?!lock|journal|cache)[a-z]+\//.test(file)),
  ).toStrictEqual([
    'documents/doc_a.json',
    `projects/${sampleProjectId}.json`,
    'queues/sess_a.json',
    'sessions/sess_a.json',
    `tasks/${sampleProjectId}/task_a.json`,
  ]);
  const text = await readFile(join(dataDir, `tasks/${sampleProjectId}/task_a.json`), 'utf8');
  expect(text).toBe(`${JSON.stringify(task, null, 2)}\n`);
});

it('[JS2] needs nothing but the files after a clean stop', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await fill(store);
  const before = await look(store);
  await store.close();
  for (const folder of ['journal', 'cache', 'trash', 'lock']) {
    await rm(join(dataDir, folder), { recursive: true, force: true });
  }
  const next = await openStoreIn(dataDir);
  expect(await look(next)).toStrictEqual(before);
  await writeInTransaction(next, (tx) =>
    tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline()),
  );
  const after = await look(next);
  await next.close();
  expect(await look(await openStoreIn(dataDir))).toStrictEqual(after);
});

it('[JS3] finds everything acknowledged again after a crash, however often that comes', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await fill(store);
  const before = await look(store);
  const once = await createCrashImage(dataDir);
  expect(await look(await openStoreIn(once))).toStrictEqual(before);
  const twice = await createCrashImage(once);
  expect(await look(await openStoreIn(twice))).toStrictEqual(before);
});

it('[JS4] leaves no file where an entity was before it moved, was deleted, or was never committed', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  const inserted = await writeInTransaction(store, async (tx) => {
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_gone' });
    return tx.tasks.insert({ ...samples.tasks(), id: 'task_moving' });
  });
  await store.close();
  const again = await openStoreIn(dataDir);
  await writeInTransaction(again, async (tx) => {
    await tx.tasks.update({ ...inserted, projectId: otherProjectId });
    await tx.tasks.delete('task_gone');
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_never' });
    await tx.tasks.delete('task_never');
  });
  await again.close();
  expect((await filesIn(dataDir)).filter((file) => file.includes('task_'))).toStrictEqual([
    `tasks/${otherProjectId}/task_moving.json`,
  ]);
});

it('[JS5] opens its folders and files to their owner alone', async () => {
  const dataDir = join(await createTempFolder(), 'data');
  const store = await openStoreIn(dataDir);
  await fill(store);
  await store.close();
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    expect(mode & 0o777, entry.name).toBe(entry.isDirectory() ? 0o700 : 0o600);
  }
});

it('[JS6] removes at start what an interrupted exchange of a file left behind', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await fill(store);
  await store.close();
  const litter = ['checkpoint.json.12', 'projects/proj_a.json.4294967295', 'tasks/proj_sample/task_a.json.7'];
  for (const file of litter) await writeFile(join(dataDir, file), '{');
  await openStoreIn(dataDir);
  const files = await filesIn(dataDir);
  for (const file of litter) expect(files).not.toContain(file);
});

it('[JS7] writes only what changed since the last checkpoint', async () => {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  const store = await openStoreIn(dataDir, { files: spied.files });
  await writeInTransaction(store, async (tx) => {
    for (const id of ['task_a', 'task_b', 'task_c']) await tx.tasks.insert({ ...samples.tasks(), id });
  });
  await store.close();
  const again = await openStoreIn(dataDir, { files: spied.files });
  spied.replacedPaths.length = 0;
  for (let i = 0; i < 20; i++) {
    await writeInTransaction(again, async (tx) => {
      const task = await tx.tasks.get('task_b');
      if (task !== undefined) await tx.tasks.update({ ...task, title: `Title ${i}` });
    });
  }
  await again.close();
  const tasks = spied.replacedPaths.filter((path) => path.includes('task_'));
  expect(tasks).toStrictEqual([join(dataDir, `tasks/${sampleProjectId}/task_b.json`)]);
});

it('[JS8] stores nothing that it would not accept at the next start', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  const bad = { ...samples.tasks(), id: 'task_bad', priority: 'urgent' as 'high' };
  await expect(writeInTransaction(store, (tx) => tx.tasks.insert(bad))).rejects.toMatchObject({
    code: 'INTERNAL_ERROR',
  });
  expect(await readCommitted(store, 'tasks', 'task_bad')).toBeUndefined();
  const task = samples.tasks();
  await writeInTransaction(store, (tx) => tx.tasks.insert(task));
  await store.close();
  expect(await readCommitted(await openStoreIn(dataDir), 'tasks', idOf('tasks', task))).toStrictEqual(task);
});

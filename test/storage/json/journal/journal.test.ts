import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventSamples } from '../../../support/samples/event-samples.ts';
import { samples } from '../../../support/samples/samples.ts';
import { recordCommits } from '../../../support/stores/commit-recorder.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { createGate } from '../../../support/time/gate.ts';
import { readCommitted, writeInTransaction } from '../../contract/store-under-test.ts';
import { spyOnFileSystem } from '../disk/file-system-spy.ts';
import { createCrashImage, openStoreIn } from '../disposable-store.ts';

const isJournal = (path: string) => path.includes('/journal/');

it('[JS10] syncs once for all transactions that come while another sync runs', async () => {
  const spied = spyOnFileSystem();
  const store = await openStoreIn(await createTempFolder(), { files: spied.files });
  spied.syncedPaths.length = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let i = 0; i < 10; i++) await writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()));
    }),
  );
  expect(spied.syncedPaths.filter(isJournal).length).toBeLessThanOrEqual(0.3 * 320);
});

it('[JS11] neither acknowledges nor tells nor shows what is not synced', async () => {
  const spied = spyOnFileSystem();
  const store = await openStoreIn(await createTempFolder(), { files: spied.files });
  const ear = recordCommits(store);
  const syncing = createGate();
  const goOn = createGate();
  spied.before.sync = async () => {
    syncing.open();
    await goOn.opened;
  };
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const writing = writeInTransaction(store, async (tx) => {
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
    tx.emit('task:created', eventSamples['task:created']);
  }).then(over);
  await syncing.opened;
  const reading = readCommitted(store, 'tasks', 'task_a').finally(over);
  const refusing = writeInTransaction(store, (tx) =>
    tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }),
  ).finally(over);
  refusing.catch(() => {});
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect([isOver, ear.batches.length]).toStrictEqual([false, 0]);
  goOn.open();
  await writing;
  expect(await reading).toMatchObject({ id: 'task_a' });
  await expect(refusing).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(ear.events()).toHaveLength(1);
});

it('[JS12] begins segments of bounded size, and removes them when a checkpoint made them superfluous', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir, { segmentBytes: 4096 });
  const names = () => readdir(join(dataDir, 'journal'));
  for (let i = 0; i < 20; i++) await writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()));
  expect((await names()).length).toBeGreaterThan(3);
  const next = await openStoreIn(await createCrashImage(dataDir));
  const page = await next.read((reader) => reader.tasks.list({ limit: 1, count: true }));
  expect(page.total).toBe(20);
  await store.close();
  expect(await names()).toStrictEqual([]);
});

it('[JS13] writes a checkpoint while it runs, once the journal has grown or some time has passed', async () => {
  for (const options of [{ checkpointBytes: 1 }, { checkpointIntervalMs: 1 }]) {
    const spied = spyOnFileSystem();
    const written = createGate();
    const store = await openStoreIn(await createTempFolder(), { files: spied.files, ...options });
    spied.before.replace = (path) => {
      if (path.endsWith('checkpoint.json')) written.open();
    };
    const task = samples.tasks();
    await writeInTransaction(store, (tx) => tx.tasks.insert(task));
    await written.opened;
    expect(spied.replacedPaths.some((path) => path.endsWith(`${task.id}.json`))).toBe(true);
  }
});

it('[JS14] writes to files only what is durable in the journal', async () => {
  const spied = spyOnFileSystem();
  const store = await openStoreIn(await createTempFolder(), { files: spied.files, checkpointBytes: 1 });
  const syncing = createGate();
  const goOn = createGate();
  await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  spied.before.sync = async (path) => {
    if (!isJournal(path)) return;
    syncing.open();
    await goOn.opened;
  };
  const writing = writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_b' }));
  await syncing.opened;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(spied.replacedPaths.filter((path) => path.includes('task_b'))).toStrictEqual([]);
  goOn.open();
  await writing;
});

it('[JS15] writes what it found in the journal again, synced, before it shows any of it', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  for (const id of ['task_a', 'task_b']) {
    await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  }
  const image = await createCrashImage(dataDir);
  const spied = spyOnFileSystem();
  const next = await openStoreIn(image, { files: spied.files, checkpointIntervalMs: 100_000_000 });
  expect(spied.syncedPaths).toContain(join(image, 'journal/00000002-00000001.ndjson.new'));
  const again = await openStoreIn(await createCrashImage(image));
  for (const one of [next, again]) expect(await readCommitted(one, 'tasks', 'task_b')).toBeDefined();
});

it('[JS16] loses nothing when it fails at any file that it writes at its start', async () => {
  const dataDir = await createTempFolder();
  const store = await openStoreIn(dataDir);
  await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  const image = await createCrashImage(dataDir);
  let operations = 0;
  for (let failing = 1; failing === 1 || operations >= failing - 1; failing++) {
    const spied = spyOnFileSystem();
    operations = 0;
    const count = () => {
      if (++operations === failing) throw new Error('no space left');
    };
    spied.before = { append: count, sync: count, replace: count };
    const copy = await createCrashImage(image);
    const opened = openStoreIn(copy, { files: spied.files, checkpointIntervalMs: 100_000_000 });
    if (
      await opened.then(
        (one) => one.close(),
        () => true,
      )
    ) {
      expect(
        await readCommitted(await openStoreIn(copy), 'tasks', 'task_a'),
        `operation ${failing}`,
      ).toBeDefined();
    }
  }
  expect(operations).toBeGreaterThan(3);
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventSamples } from '../../support/event-samples.ts';
import { gate } from '../../support/gate.ts';
import { listen } from '../../support/listen.ts';
import { samples } from '../../support/samples.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { committed, write } from '../contract/opened-store.ts';
import { crashImage, openIn } from './disposable-store.ts';
import { spyOnFiles } from './spied-files.ts';

const isJournal = (path: string) => path.includes('/journal/');

it('[JS10] syncs once for all transactions that come while another sync runs', async () => {
  const spied = spyOnFiles();
  const store = await openIn(await tempFolder(), { files: spied.files });
  spied.synced.length = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let i = 0; i < 10; i++) await write(store, (tx) => tx.tasks.insert(samples.tasks()));
    }),
  );
  expect(spied.synced.filter(isJournal).length).toBeLessThanOrEqual(0.3 * 320);
});

it('[JS11] neither acknowledges nor tells nor shows what is not synced', async () => {
  const spied = spyOnFiles();
  const store = await openIn(await tempFolder(), { files: spied.files });
  const ear = listen(store);
  const syncing = gate();
  const goOn = gate();
  spied.before.sync = async () => {
    syncing.open();
    await goOn.opened;
  };
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const writing = write(store, async (tx) => {
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
    tx.emit('task:created', eventSamples['task:created']);
  }).then(over);
  await syncing.opened;
  const reading = committed(store, 'tasks', 'task_a').finally(over);
  const refusing = write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' })).finally(over);
  refusing.catch(() => {});
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect([isOver, ear.calls.length]).toStrictEqual([false, 0]);
  goOn.open();
  await writing;
  expect(await reading).toMatchObject({ id: 'task_a' });
  await expect(refusing).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(ear.events()).toHaveLength(1);
});

it('[JS12] begins segments of bounded size, and removes them when a checkpoint made them superfluous', async () => {
  const dataDir = await tempFolder();
  const store = await openIn(dataDir, { segmentBytes: 4096 });
  const names = () => readdir(join(dataDir, 'journal'));
  for (let i = 0; i < 20; i++) await write(store, (tx) => tx.tasks.insert(samples.tasks()));
  expect((await names()).length).toBeGreaterThan(3);
  const next = await openIn(await crashImage(dataDir));
  const page = await next.read((reader) => reader.tasks.list({ limit: 1, count: true }));
  expect(page.total).toBe(20);
  await store.close();
  expect(await names()).toStrictEqual([]);
});

it('[JS13] writes a checkpoint while it runs, once the journal has grown or some time has passed', async () => {
  for (const options of [{ checkpointBytes: 1 }, { checkpointMs: 1 }]) {
    const spied = spyOnFiles();
    const written = gate();
    const store = await openIn(await tempFolder(), { files: spied.files, ...options });
    spied.before.replace = (path) => {
      if (path.endsWith('checkpoint.json')) written.open();
    };
    const task = samples.tasks();
    await write(store, (tx) => tx.tasks.insert(task));
    await written.opened;
    expect(spied.replaced.some((path) => path.endsWith(`${task.id}.json`))).toBe(true);
  }
});

it('[JS14] writes to files only what is durable in the journal', async () => {
  const spied = spyOnFiles();
  const store = await openIn(await tempFolder(), { files: spied.files, checkpointBytes: 1 });
  const syncing = gate();
  const goOn = gate();
  await write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  spied.before.sync = async (path) => {
    if (!isJournal(path)) return;
    syncing.open();
    await goOn.opened;
  };
  const writing = write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_b' }));
  await syncing.opened;
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(spied.replaced.filter((path) => path.includes('task_b'))).toStrictEqual([]);
  goOn.open();
  await writing;
});

it('[JS15] writes what it found in the journal again, synced, before it shows any of it', async () => {
  const dataDir = await tempFolder();
  const store = await openIn(dataDir);
  for (const id of ['task_a', 'task_b']) {
    await write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  }
  const image = await crashImage(dataDir);
  const spied = spyOnFiles();
  const next = await openIn(image, { files: spied.files, checkpointMs: 100_000_000 });
  expect(spied.synced).toContain(join(image, 'journal/00000002-00000001.ndjson.new'));
  const again = await openIn(await crashImage(image));
  for (const one of [next, again]) expect(await committed(one, 'tasks', 'task_b')).toBeDefined();
});

it('[JS16] loses nothing when it fails at any file that it writes at its start', async () => {
  const dataDir = await tempFolder();
  const store = await openIn(dataDir);
  await write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_a' }));
  const image = await crashImage(dataDir);
  let operations = 0;
  for (let failing = 1; failing === 1 || operations >= failing - 1; failing++) {
    const spied = spyOnFiles();
    operations = 0;
    const count = () => {
      if (++operations === failing) throw new Error('no space left');
    };
    spied.before = { append: count, sync: count, replace: count };
    const copy = await crashImage(image);
    const opened = openIn(copy, { files: spied.files, checkpointMs: 100_000_000 });
    if (
      await opened.then(
        (one) => one.close(),
        () => true,
      )
    ) {
      expect(await committed(await openIn(copy), 'tasks', 'task_a'), `operation ${failing}`).toBeDefined();
    }
  }
  expect(operations).toBeGreaterThan(3);
});

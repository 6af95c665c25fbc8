import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventSamples } from '../../support/samples/event-samples.ts';
import { logSamples, sampleProjectId, samples } from '../../support/samples/samples.ts';
import { recordCommits } from '../../support/stores/commit-recorder.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';
import { createGate } from '../../support/time/gate.ts';
import { readCommitted, writeInTransaction } from '../contract/store-under-test.ts';
import { spyOnFileSystem } from './disk/file-system-spy.ts';
import { openStoreIn } from './disposable-store.ts';

const failed = { code: 'STORE_FAILED', details: undefined };

for (const operation of ['append', 'sync'] as const) {
  it(`[JS40] stops for good at a failed ${operation} of the journal, and tells all who wait, once`, async () => {
    const dataDir = await createTempFolder();
    const spied = spyOnFileSystem();
    const failures: unknown[] = [];
    const store = await openStoreIn(dataDir, {
      files: spied.files,
      onFatalError: (one) => failures.push(one),
    });
    const ear = recordCommits(store);
    await writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_kept' }));
    const fault = Object.assign(new Error('input/output error'), { code: 'EIO' });
    spied.before[operation] = () => {
      throw fault;
    };
    const writes = Array.from({ length: 5 }, () =>
      writeInTransaction(store, async (tx) => {
        await tx.tasks.insert(samples.tasks());
        tx.emit('task:created', eventSamples['task:created']);
      }),
    );
    for (const outcome of await Promise.allSettled(writes)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { ...failed, cause: fault } });
    }
    spied.before = {};
    await expect(writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()))).rejects.toMatchObject(
      failed,
    );
    await expect(writeInTransaction(store, async () => {})).rejects.toMatchObject(failed);
    await expect(readCommitted(store, 'tasks', 'task_kept')).rejects.toMatchObject(failed);
    expect(store.health().status).toBe('failed');
    expect(failures).toMatchObject([failed]);
    expect(ear.batches).toStrictEqual([]);

    const files = spied.replacedPaths.length;
    await store.close();
    expect(spied.replacedPaths.slice(files).filter((path) => path.endsWith('.json'))).toStrictEqual([]);
    const next = await openStoreIn(dataDir);
    expect(await readCommitted(next, 'tasks', 'task_kept')).toMatchObject({ version: 1 });
  });
}

it('[JS41] tries a failed checkpoint again, and loses nothing of it', async () => {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  const written = createGate();
  const warnings: string[] = [];
  const store = await openStoreIn(dataDir, {
    files: spied.files,
    checkpointIntervalMs: 1,
    log: (level, message) => level === 'warn' && warnings.push(message),
  });
  let faults = 3;
  spied.before.replace = (path) => {
    if (faults > 0 && path.includes('task_b') && faults-- > 0) throw new Error('too many open files');
    if (path.endsWith('checkpoint.json') && faults === 0) written.open();
  };
  await writeInTransaction(store, async (tx) => {
    for (const id of ['task_a', 'task_b', 'task_c']) await tx.tasks.insert({ ...samples.tasks(), id });
  });
  await written.opened;
  expect(warnings.length).toBe(3);
  spied.before = {};
  await store.close();
  expect(store.health().status).toBe('ok');
  const next = await openStoreIn(dataDir);
  const { items } = await next.read((reader) => reader.tasks.list({ limit: 9 }));
  expect(items.map((task) => task.id)).toStrictEqual(['task_a', 'task_b', 'task_c']);
});

it('[JS44] goes on after a failed checkpoint also when what that wrote is gone by then', async () => {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  const failed = createGate();
  const store = await openStoreIn(dataDir, {
    files: spied.files,
    checkpointBytes: 1,
    log: (level) => level === 'warn' && failed.open(),
  });
  let isFailing = true;
  spied.before.replace = (path) => {
    if (isFailing && path.includes('task_a')) throw new Error('too many open files');
  };
  await writeInTransaction(store, async (tx) => {
    await tx.timeline.append('sess_a', sampleProjectId, logSamples.timeline());
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
  });
  await failed.opened;
  await writeInTransaction(store, (tx) => tx.timeline.drop('sess_a', sampleProjectId));
  isFailing = false;
  await store.close();
  expect(await readdir(join(dataDir, 'journal'))).toStrictEqual([]);
  expect(await readdir(join(dataDir, 'timelines'))).toStrictEqual([]);
});

it('[JS42] gives up work that takes too long, and goes on with the next', async () => {
  const store = await openStoreIn(await createTempFolder(), { transactionTimeoutMs: 20 });
  const stuck = writeInTransaction(store, async (tx) => {
    await tx.tasks.insert({ ...samples.tasks(), id: 'task_a' });
    await new Promise(() => {});
  });
  const next = writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id: 'task_b' }));
  await expect(stuck).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
  await next;
  expect(await readCommitted(store, 'tasks', 'task_a')).toBeUndefined();
  expect(await readCommitted(store, 'tasks', 'task_b')).toBeDefined();
});

/** Puts so many tasks into a store that is closed then; returns how many of their files were written. */
async function hastyStop(tasks: number, closeMs: number): Promise<number> {
  const dataDir = await createTempFolder();
  const spied = spyOnFileSystem();
  // A disk that takes longer for a file than the stop has for all.
  spied.before.replace = () => setTimeout(10 * closeMs);
  const store = await openStoreIn(dataDir, { files: spied.files, closeTimeoutMs: closeMs });
  const ids = Array.from({ length: tasks }, (_, i) => `task_${i}`);
  await writeInTransaction(store, async (tx) => {
    for (const id of ids) await tx.tasks.insert({ ...samples.tasks(), id });
  });
  spied.replacedPaths.length = 0;
  await store.close();
  const written = spied.replacedPaths.filter((path) => path.includes('/tasks/')).length;
  const again = await openStoreIn(dataDir);
  for (const id of ids) expect(await readCommitted(again, 'tasks', id)).toBeDefined();
  return written;
}

it('[JS43] keeps the journal when there was no time for the last checkpoint', async () => {
  const written = await hastyStop(12, 3);
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(12);
});

it('[JS45] tries no file when there is no time for all of them', async () => {
  expect(await hastyStop(13, 3)).toBe(0);
});

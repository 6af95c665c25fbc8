import { expect, it } from 'vitest';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { samples } from '../../../support/samples/samples.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { readCommitted, writeInTransaction } from '../../contract/store-under-test.ts';
import { openStoreIn } from '../disposable-store.ts';

const MiB = 1024 * 1024;

/** A disk of which the test says how much is free. */
function disk() {
  let looked = () => {};
  const space = {
    free: 1000 * MiB,
    /** Resolves when it was looked at again, and that was taken in. */
    async noticed() {
      for (let looks = 0; looks < 2; looks++) {
        await new Promise<void>((resolve) => {
          looked = resolve;
        });
      }
    },
    files: {
      ...createNodeFileSystem(),
      volume: async () => {
        looked();
        return { freeBytes: space.free, network: undefined };
      },
    },
  };
  return space;
}

it('[JS50] says that it is degraded while little space is left, and then refuses changes before they are made', async () => {
  const space = disk();
  const store = await openStoreIn(await createTempFolder(), { files: space.files, spaceCheckMs: 1 });
  const insert = (id: string) =>
    writeInTransaction(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  space.free = 100 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('degraded');
  await insert('task_a');

  space.free = 10 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('full');
  await expect(insert('task_b')).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(await readCommitted(store, 'tasks', 'task_a')).toBeDefined();
  expect(await readCommitted(store, 'tasks', 'task_b')).toBeUndefined();
  await writeInTransaction(store, (tx) => tx.tasks.get('task_a'));

  space.free = 1000 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('ok');
  await insert('task_b');
});

it('[JS51] refuses changes while the journal is larger than it may be', async () => {
  const store = await openStoreIn(await createTempFolder(), { maxJournalBytes: 500 });
  const insert = () => writeInTransaction(store, (tx) => tx.tasks.insert(samples.tasks()));
  await insert();
  await expect(insert()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(store.health().status).toBe('full');
});

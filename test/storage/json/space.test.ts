import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';
import { samples } from '../../support/samples.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { committed, write } from '../contract/opened-store.ts';
import { openIn } from './disposable-store.ts';

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
      ...nodeFileSystem(),
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
  const store = await openIn(await tempFolder(), { files: space.files, spaceMs: 1 });
  const insert = (id: string) => write(store, (tx) => tx.tasks.insert({ ...samples.tasks(), id }));
  space.free = 100 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('degraded');
  await insert('task_a');

  space.free = 10 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('full');
  await expect(insert('task_b')).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(await committed(store, 'tasks', 'task_a')).toBeDefined();
  expect(await committed(store, 'tasks', 'task_b')).toBeUndefined();
  await write(store, (tx) => tx.tasks.get('task_a'));

  space.free = 1000 * MiB;
  await space.noticed();
  expect(store.health().status).toBe('ok');
  await insert('task_b');
});

it('[JS51] refuses changes while the journal is larger than it may be', async () => {
  const store = await openIn(await tempFolder(), { journalBytes: 500 });
  const insert = () => write(store, (tx) => tx.tasks.insert(samples.tasks()));
  await insert();
  await expect(insert()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect(store.health().status).toBe('full');
});

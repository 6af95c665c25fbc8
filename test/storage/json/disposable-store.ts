import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Store } from '../../../src/application/store/store.ts';
import { createNodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';
import type { JsonStoreOptions } from '../../../src/storage/json/json-store-options.ts';
import { openJsonStore } from '../../../src/storage/json/open-json-store.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';
import type { StoreUnderTest } from '../contract/store-under-test.ts';

/** Opens a store in a new folder, which goes with it. */
export async function openDisposableStore(options: Partial<JsonStoreOptions> = {}): Promise<StoreUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'maestro-'));
  const open = () => openJsonStore({ dataDir, files: createNodeFileSystem(), ...options });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Opens a store in this folder for the running test, which closes it when it ends. */
export async function openStoreIn(dataDir: string, options: Partial<JsonStoreOptions> = {}): Promise<Store> {
  const store = await openJsonStore({ dataDir, files: createNodeFileSystem(), ...options });
  onTestFinished(() => store.close());
  return store;
}

/** What a crash at this moment would leave of a data folder that is in use, with its owner gone. */
export async function createCrashImage(dataDir: string): Promise<string> {
  const image = await createTempFolder();
  await cp(dataDir, image, { recursive: true, filter: (path) => path !== join(dataDir, 'lock') });
  return image;
}

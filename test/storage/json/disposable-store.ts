import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJsonStore } from '../../../src/storage/json/json-store.ts';
import type { JsonStoreOptions } from '../../../src/storage/json/json-store-options.ts';
import { nodeFileSystem } from '../../../src/storage/json/node-file-system.ts';
import type { OpenedStore } from '../contract/opened-store.ts';

/** Opens a store in a new folder, which goes with it. */
export async function openDisposableStore(options: Partial<JsonStoreOptions> = {}): Promise<OpenedStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'maestro-'));
  const open = () => openJsonStore({ dataDir, files: nodeFileSystem(), ...options });
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

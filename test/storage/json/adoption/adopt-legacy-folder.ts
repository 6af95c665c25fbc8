import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Reader } from '../../../../src/application/store/store.ts';
import { openOrAdoptStore } from '../../../../src/storage/json/adoption/adopt-folder.ts';
import type { FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { createTempFolder } from '../../../support/stores/temp-folder.ts';
import { writeLegacyFolder } from './legacy-files.ts';

/** The disk of this machine, as one sees it on which nobody else runs any more. */
export const unsharedFileSystem: FileSystem = { ...createNodeFileSystem(), isRunning: () => false };

/** A folder that another server left. */
export async function createLegacyFolder(): Promise<string> {
  const dataDir = join(await createTempFolder(), 'data');
  await writeLegacyFolder(dataDir);
  return dataDir;
}

/** Starts a store in the folder, and stops it. */
export async function openAndClose(dataDir: string, files: FileSystem = unsharedFileSystem): Promise<void> {
  const store = await openOrAdoptStore({ dataDir, files });
  await store.close();
}

/** Looks into the store in the folder. */
export async function readAdopted<T>(dataDir: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  const store = await openOrAdoptStore({ dataDir, files: unsharedFileSystem });
  try {
    return await store.read(work);
  } finally {
    await store.close();
  }
}

/** The copies beside the folder. */
export const listFolderCopies = async (dataDir: string) =>
  (await readdir(dirname(dataDir))).filter((name) => name.startsWith(`${basename(dataDir)}.before-`));

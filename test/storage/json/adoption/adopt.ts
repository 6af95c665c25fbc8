import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Reader } from '../../../../src/application/store/store.ts';
import { openAdoptedStore } from '../../../../src/storage/json/adoption/adopted-folder.ts';
import type { FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { nodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { writeOldFolder } from './old-server.ts';

/** The disk of this machine, as one sees it on which nobody else runs any more. */
export const real: FileSystem = { ...nodeFileSystem(), isRunning: () => false };

/** A folder that another server left. */
export async function oldFolder(): Promise<string> {
  const dataDir = join(await tempFolder(), 'data');
  await writeOldFolder(dataDir);
  return dataDir;
}

/** Starts a store in the folder, and stops it. */
export async function adopt(dataDir: string, files: FileSystem = real): Promise<void> {
  const store = await openAdoptedStore({ dataDir, files });
  await store.close();
}

/** Looks into the store in the folder. */
export async function look<T>(dataDir: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  const store = await openAdoptedStore({ dataDir, files: real });
  try {
    return await store.read(work);
  } finally {
    await store.close();
  }
}

/** The copies beside the folder. */
export const copiesOf = async (dataDir: string) =>
  (await readdir(dirname(dataDir))).filter((name) => name.startsWith(`${basename(dataDir)}.before-`));

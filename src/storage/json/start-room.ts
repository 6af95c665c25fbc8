import { join } from 'node:path';
import { StartError } from '../../domain/start-error.ts';
import { systemErrorCode } from '../../domain/values/system-error.ts';
import type { DiskSpaceMonitor } from './disk/disk-space-monitor.ts';
import type { FileSystem } from './disk/file-system.ts';
import { layout } from './folder/store-layout.ts';
import type { JsonStore } from './json-store.ts';
import type { ResolvedOptions } from './json-store-options.ts';

const marginBytes = 1024 * 1024;

/** How many bytes a start writes before anything can be committed: the journal and the record of the checkpoint again. */
export function startBytes(files: FileSystem, dataDir: string, minFreeBytes: number): number {
  const journal = files.list(join(dataDir, layout.journal)).map(({ name }) => join(layout.journal, name));
  const sizes = [...journal, layout.checkpoint].map((path) => files.stat(join(dataDir, path))?.bytes ?? 0);
  return sizes.reduce((sum, bytes) => sum + bytes, Math.min(minFreeBytes, marginBytes));
}

/** What begins to write. */
export interface WritingStart {
  readonly store: JsonStore;
  readonly space: DiskSpaceMonitor;
  readonly options: ResolvedOptions;
  readonly neededBytes: number;
}

/**
 * Does what has to be written before anything can be committed. Where there is no room for it, the store shows what it
 * has, refuses changes, and begins by itself as soon as there is room. Throws StartError instead when that is no use.
 */
export async function beginWriting(
  { store, space, options, neededBytes }: WritingStart,
  begin: () => Promise<void>,
): Promise<void> {
  const { files, dataDir, log, mustWrite } = options;
  const tryToBegin = async (): Promise<boolean> => {
    if (space.freeBytes < neededBytes) return false;
    try {
      await begin();
      return true;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error;
      return false;
    }
  };
  if (await tryToBegin()) return;
  const need = `write again what a start has to, which needs ${toMiB(neededBytes)} MiB free in ${dataDir}`;
  // Without a record of a checkpoint it would be another history at the next start.
  if (mustWrite || files.stat(join(dataDir, layout.checkpoint)) === undefined)
    throw new StartError(`There is no space left to ${need}.`);
  await syncJournal(files, dataDir);
  store.notWritable = need;
  log('warn', `The disk is full: reads are served and changes refused. There is no space left to ${need}.`);
  space.onMeasured = async () => {
    try {
      if (store.notWritable === undefined || !(await tryToBegin())) return;
      store.notWritable = undefined;
      log('info', 'There is room on the disk again: changes are accepted.');
    } catch (error) {
      log('warn', 'The store cannot accept changes yet, and tries again.', { error });
    }
  };
}

const toMiB = (bytes: number) => Math.ceil(bytes / 1024 / 1024);

/** Syncs the journal as it is: what was read from it may never have reached the disk. */
async function syncJournal(files: FileSystem, dataDir: string): Promise<void> {
  const folder = join(dataDir, layout.journal);
  for (const { name, isFolder } of files.list(folder)) {
    if (isFolder) continue;
    const file = await files.openForAppend(join(folder, name));
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  if (files.stat(folder) !== undefined) await files.syncFolder(folder);
}

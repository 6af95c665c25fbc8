import { dirname, join, posix } from 'node:path';
import type { Store } from '../../application/store/store.ts';
import { Checkpoint } from './checkpoint/checkpoint.ts';
import { encodeCheckpointRecord } from './checkpoint/checkpoint-record.ts';
import { CheckpointTimer } from './checkpoint/checkpoint-timer.ts';
import { listEntityFolders } from './checkpoint/entity-files.ts';
import { dropSnapshot } from './checkpoint/snapshot.ts';
import { assertCompatible, encodeNewStoreFile } from './checkpoint/store-file.ts';
import { copyFolder } from './disk/copy-folder.ts';
import { DiskSpaceMonitor } from './disk/disk-space-monitor.ts';
import { toFolderError } from './disk/unusable-folder-error.ts';
import { acquireFolder, type Ownership } from './folder/folder-lock.ts';
import { OwnedFolder } from './folder/owned-folder.ts';
import { isTemporaryFile, layout, trashFolder } from './folder/store-layout.ts';
import { Journal } from './journal/journal.ts';
import { JournalSegments } from './journal/journal-segments.ts';
import { JsonStore } from './json-store.ts';
import { defaultOptions, type JsonStoreOptions, type ResolvedOptions } from './json-store-options.ts';
import { LogCache } from './logs/log-cache.ts';
import { openReadOnly, recover } from './recovery/recovery.ts';
import { beginWriting, startBytes } from './start-room.ts';

/**
 * Opens the store in a data folder, which it makes when there is none, and owns it alone until it is closed. Throws
 * FolderInUseError when another process owns it, DamageError when something in it is damaged, and StartError when it
 * is no store of this format or lies on a network.
 */
export async function openJsonStore(options: JsonStoreOptions): Promise<Store> {
  try {
    return await openFolder({ ...defaultOptions, ...options });
  } catch (error) {
    throw toFolderError(error, options.dataDir);
  }
}

async function openFolder(complete: ResolvedOptions): Promise<Store> {
  const { files, dataDir } = complete;
  await assertCompatible(files, dataDir, complete);
  await makeDataFolder(complete);
  let onLost = (_: Error) => {};
  const ownership = await acquireFolder(complete, (reason) => onLost(reason));
  const folder = new OwnedFolder(files, dataDir, ownership.fence);
  const segments = new JournalSegments(folder);
  try {
    const { store, journal } = await openOwned(complete, ownership, folder, segments);
    onLost = (reason) => journal.fail(reason);
    return store;
  } catch (error) {
    // Whatever else fails now, this is what is to be told.
    await segments.close().catch(() => {});
    await ownership.release().catch(() => {});
    throw error;
  }
}

/** Makes the data folder, and sees to it that its name is on the disk itself, until a start has come further than that. */
async function makeDataFolder({ files, dataDir, log }: ResolvedOptions): Promise<void> {
  if (files.stat(join(dataDir, layout.store)) !== undefined) return;
  const wasThere = files.stat(dataDir) !== undefined;
  const holders = [dirname(dataDir)];
  for (let folder = dirname(dataDir); files.stat(folder) === undefined; folder = dirname(folder)) {
    holders.push(dirname(folder));
  }
  try {
    await files.makeFolder(dataDir);
    for (const folder of holders) await files.syncFolder(folder);
  } catch (error) {
    if (!wasThere) throw error;
    // Whoever made it may have no right to the folder above.
    log('warn', 'The name of the data folder could not be synced.', { error });
  }
}

async function openOwned(
  options: ResolvedOptions,
  ownership: Ownership,
  folder: OwnedFolder,
  segments: JournalSegments,
) {
  const { files, dataDir, retention, log, truncate } = options;
  if (truncate !== undefined) {
    // Only what can be done is worth a copy.
    await recover(openReadOnly(files, dataDir), { endTx: truncate.after });
    await copyFolder(files, dataDir, truncate.copy, [layout.lock]);
  }
  await removeTemporaryFiles(folder);
  await resetTrash(folder);
  const recovered = await recover(folder, {
    endTx: truncate?.after,
    onExternalEdits: options.onExternalEdits,
    acceptsLoss: options.onExternalEdits !== undefined,
  });
  const isSnapshot = recovered.snapshot !== undefined && truncate === undefined;
  const { state, logSummaries, checkpointTx, replayed, tornTails } = recovered;
  if (truncate !== undefined) {
    await folder.makeFolder(trashFolder(folder.term));
    await dropSnapshot(folder);
    // First of all, as from here on a start might find the end given up, whatever becomes of this one.
    const note = {
      tx: checkpointTx,
      term: folder.term,
      epoch: state.epoch,
      journal: recovered.firstJournalSegment,
      sum: recovered.checkpointSum,
    };
    await folder.replace(layout.checkpoint, encodeCheckpointRecord(note, logSummaries));
    await folder.sync();
  }
  for (const { file, line } of tornTails) {
    log(
      'warn',
      `Dropped an unfinished end of the journal, which was never acknowledged: ${file}, line ${line}.`,
    );
  }
  if (replayed.length > 0) {
    // Files that are gone may come back: whoever took them away may have died before that was synced.
    for (const path of listEntityFolders(files, dataDir)) folder.markForSync(path);
  }
  const journal = new Journal(segments, state.tx, options.segmentBytes, (failure) => {
    void checkpoints.stop();
    options.onFatalError(failure);
  });
  const logs = new LogCache(files, dataDir);
  const checkpoint = new Checkpoint(
    { folder, state, journal, logs, retention },
    logSummaries,
    isSnapshot && recovered.snapshot === 'exact',
  );
  const checkpoints = new CheckpointTimer(checkpoint, {
    maxDelayMs: options.checkpointIntervalMs,
    onOutcome(failure) {
      store.checkpointError = failure;
      if (failure !== undefined)
        log('warn', 'A checkpoint failed and will be tried again.', { error: failure });
    },
  });
  const space = new DiskSpaceMonitor(options);
  folder.onWrite = (bytes) => space.countWrite(bytes);
  const store = new JsonStore({ options, ownership, state, logs, journal, checkpoints, space });
  await space.start();
  const neededBytes = startBytes(files, dataDir, options.minFreeBytes);
  const begin = async () => {
    await folder.makeFolder(trashFolder(folder.term));
    if (!isSnapshot) await dropSnapshot(folder);
    // What was read back may never have reached the disk, so it is written again before anybody sees it.
    await segments.beginTerm(checkpointTx, replayed);
    await checkpoint.writeRecord(checkpointTx, recovered.checkpointSum, segments.current.name);
    // Last of all: where it is, everything else that a store needs has been there.
    if (!files.readText(folder.at(layout.store))?.trim()) {
      await folder.replace(layout.store, encodeNewStoreFile());
      await folder.sync();
    }
    if (checkpoint.isDue) checkpoints.runNow();
  };
  try {
    await beginWriting({ store, space, options, neededBytes }, begin);
  } catch (error) {
    await space.stop();
    throw error;
  }
  log('info', 'The store is open.', { term: folder.term, entities: state.size, replayed: replayed.length });
  return { store, journal };
}

/** Takes away what interrupted exchanges of the files beside the entities left behind. */
async function removeTemporaryFiles(folder: OwnedFolder): Promise<void> {
  for (const path of ['.', layout.lock]) {
    for (const { name } of folder.files.list(folder.at(path))) {
      if (isTemporaryFile(name)) await folder.removeListed(posix.join(path, name));
    }
  }
}

/** Takes away what earlier terms discarded, and with it the place where a process of theirs could put anything. */
async function resetTrash(folder: OwnedFolder): Promise<void> {
  for (const { name } of folder.files.list(folder.at(layout.trash))) {
    await folder.removeListed(`${layout.trash}/${name}`);
  }
}

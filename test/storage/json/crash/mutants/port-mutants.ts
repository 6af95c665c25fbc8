import { posix } from 'node:path';
import type { AppendFile, FileSystem } from '../../../../../src/storage/json/disk/file-system.ts';
import { nextEventLoopTurn } from '../../../../support/time/event-loop-turn.ts';

/** A deliberate fault of the store, put between it and its file system. */
export type PortMutant = (files: FileSystem) => FileSystem;

type FileWrapper = (path: string, file: AppendFile) => AppendFile;

/** Deliberate faults that lose something at a power cut, by what they do. */
export const powerLossMutants: Readonly<Record<string, PortMutant>> = {
  'syncs no file of the journal': wrapOpenedFiles((path, file) =>
    path.includes('/journal/') ? { ...file, sync: async () => {} } : file,
  ),
  'syncs no log': wrapOpenedFiles((path, file) =>
    path.includes('/journal/') ? file : { ...file, sync: async () => {} },
  ),
  'acknowledges before the sync': wrapOpenedFiles((_, file) => ({
    ...file,
    sync: async () =>
      void nextEventLoopTurn()
        .then(() => file.sync())
        .catch(() => {}),
  })),
  'syncs no entity file before it is exchanged': unsyncedReplace((path) =>
    /^\/data\/(tasks|projects|queues|documents|attempts)/.test(path),
  ),
  'syncs no checkpoint before it is exchanged': unsyncedReplace((path) => path.includes('checkpoint')),
  'syncs no folder': withoutFolderSync(() => true),
  'syncs not the folder of the journal': withoutFolderSync((path) => path.endsWith('/journal')),
  'syncs not the folder of the checkpoint': withoutFolderSync((path) => path === '/data'),
  'syncs not the folders of entities': withoutFolderSync((path) =>
    /^\/data\/(tasks|projects|queues|documents|attempts)/.test(path),
  ),
  'syncs not the folders of logs': withoutFolderSync((path) =>
    /\/(timelines|activities|contents|events)/.test(path),
  ),
  'syncs not that the snapshot is gone': withoutFolderSync((path) => path.endsWith('/cache')),
  'keeps the snapshot while files change': (files) => ({
    ...bindFileSystem(files),
    move: async (from, to) => (from.endsWith('/snapshot.ndjson') ? undefined : files.move(from, to)),
  }),
  'removes the journal before it writes the checkpoint': (files) => ({
    ...bindFileSystem(files),
    async replace(path, text, assertOwner) {
      if (path.endsWith('checkpoint.json')) {
        const first: string = JSON.parse(text).journal ?? '~';
        for (const { name } of files.list('/data/journal')) {
          if (name < first) await files.remove(`/data/journal/${name}`);
        }
      }
      await files.replace(path, text, assertOwner);
    },
  }),
  'writes entity files in place': (files) => ({
    ...bindFileSystem(files),
    async replace(path, text, assertOwner) {
      assertOwner();
      await files.remove(path);
      await write(files, path, text, true);
    },
  }),
  'lets the journal of a term appear before it is whole': (files) => ({
    ...bindFileSystem(files),
    create: (path) => files.create(path.replace(/\.new$/, '')),
    move: async (from, to) => (from.endsWith('.new') ? undefined : files.move(from, to)),
  }),
};

/** Deliberate faults that let a frozen process harm its successor, by what they do. */
export const zombieMutants: Readonly<Record<string, PortMutant>> = {
  'does not look whether it was replaced': (files) => ({
    ...bindFileSystem(files),
    stat: (path) => (/\/lock\/term-/.test(path) ? undefined : files.stat(path)),
  }),
  'makes a temporary file again that its successor removed': (files) => ({
    ...bindFileSystem(files),
    async replace(path, text, assertOwner) {
      const temporary = `${path}.${files.currentProcess().pid}`;
      await (await files.create(temporary)).close();
      assertOwner();
      await files.remove(temporary);
      await write(files, temporary, text, true);
      await files.move(temporary, path);
    },
  }),
  'deletes at once instead of moving to its own trash': (files) => ({
    ...bindFileSystem(files),
    move: async (from, to) => (to.includes('/trash/') ? files.remove(from) : files.move(from, to)),
  }),
};

/** The functions of the port as they are, to replace some of. */
function bindFileSystem(files: FileSystem): FileSystem {
  return {
    makeFolder: (path) => files.makeFolder(path),
    list: (path) => files.list(path),
    stat: (path) => files.stat(path),
    statAll: (paths) => files.statAll(paths),
    read: (path) => files.read(path),
    readText: (path) => files.readText(path),
    readRange: (path, start, length) => files.readRange(path, start, length),
    create: (path) => files.create(path),
    openForAppend: (path) => files.openForAppend(path),
    createExclusive: (path, text) => files.createExclusive(path, text),
    replace: (path, text, assertOwner) => files.replace(path, text, assertOwner),
    move: (from, to) => files.move(from, to),
    remove: (path) => files.remove(path),
    syncFolder: (path) => files.syncFolder(path),
    volume: (path) => files.volume(path),
    startHeartbeat: (path, onLost) => files.startHeartbeat(path, onLost),
    currentProcess: () => files.currentProcess(),
    isRunning: (holder) => files.isRunning(holder),
  };
}

function wrapOpenedFiles(opened: FileWrapper): PortMutant {
  return (files) => ({
    ...bindFileSystem(files),
    create: async (path) => opened(path, await files.create(path)),
    openForAppend: async (path) => opened(path, await files.openForAppend(path)),
  });
}

function withoutFolderSync(isLeftOut: (path: string) => boolean): PortMutant {
  return (files) => ({
    ...bindFileSystem(files),
    syncFolder: async (path) => (isLeftOut(path) ? undefined : files.syncFolder(path)),
  });
}

function unsyncedReplace(isLeftOut: (path: string) => boolean): PortMutant {
  return (files) => ({
    ...bindFileSystem(files),
    async replace(path, text, assertOwner) {
      if (!isLeftOut(path)) return files.replace(path, text, assertOwner);
      const temporary = `${path}.${files.currentProcess().pid}${posix.basename(path).length}`;
      await files.remove(temporary);
      assertOwner();
      await write(files, temporary, text, false);
      await files.move(temporary, path);
    },
  });
}

async function write(files: FileSystem, path: string, text: string, synced: boolean): Promise<void> {
  const file = await files.create(path);
  await file.append(Buffer.from(text));
  if (synced) await file.sync();
  await file.close();
}

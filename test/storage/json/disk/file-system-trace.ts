import type { AppendFile, FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';

/** Something that was done to the disk, and has ended. */
export interface FileOperation {
  readonly operation: 'create' | 'append' | 'sync' | 'replace' | 'move' | 'remove' | 'syncFolder';
  readonly path: string;
}

/** The file system of the machine, and everything that is done to the disk through it, in order. */
export function traceFileSystem(): { readonly files: FileSystem; readonly trace: FileOperation[] } {
  const real = createNodeFileSystem();
  const trace: FileOperation[] = [];
  const done =
    (what: FileOperation['operation'], path: string) =>
    <T>(value: T): T => {
      trace.push({ operation: what, path });
      return value;
    };
  const opened = (path: string, file: AppendFile): AppendFile => ({
    append: (bytes) => file.append(bytes).then(done('append', path)),
    sync: () => file.sync().then(done('sync', path)),
    close: () => file.close(),
  });
  const files: FileSystem = {
    ...real,
    create: async (path) => done('create', path)(opened(path, await real.create(path))),
    openForAppend: async (path) => opened(path, await real.openForAppend(path)),
    replace: (path, text, assertOwner) => real.replace(path, text, assertOwner).then(done('replace', path)),
    move: (from, to) => real.move(from, to).then(done('move', from)),
    remove: (path) => real.remove(path).then(done('remove', path)),
    syncFolder: (path) => real.syncFolder(path).then(done('syncFolder', path)),
  };
  return { files, trace };
}

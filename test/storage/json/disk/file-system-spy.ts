import type { AppendFile, FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { createNodeFileSystem } from '../../../../src/storage/json/disk/node-file-system.ts';

/** The file system of the machine, watched, and led astray where a test wants it. */
export interface FileSystemSpy {
  readonly files: FileSystem;
  /** How many bytes were appended, and what was synced and exchanged, by path. */
  appendedBytes: number;
  readonly syncedPaths: string[];
  readonly replacedPaths: string[];
  /** How many bytes of logs were read. */
  logBytesRead: number;
  /** Called before each of these; what it throws is what happens instead. */
  before: {
    append?: (path: string) => void | Promise<void>;
    sync?: (path: string) => void | Promise<void>;
    replace?: (path: string) => void | Promise<void>;
  };
}

/** Watches the file system of the machine. */
export function spyOnFileSystem(): FileSystemSpy {
  const real = createNodeFileSystem();
  const opened = (path: string, file: AppendFile): AppendFile => ({
    async append(bytes) {
      await spied.before.append?.(path);
      spied.appendedBytes += bytes.length;
      await file.append(bytes);
    },
    async sync() {
      await spied.before.sync?.(path);
      spied.syncedPaths.push(path);
      await file.sync();
    },
    close: () => file.close(),
  });
  const files: FileSystem = {
    ...real,
    create: async (path) => opened(path, await real.create(path)),
    openForAppend: async (path) => opened(path, await real.openForAppend(path)),
    async replace(path, text, assertOwner) {
      await spied.before.replace?.(path);
      spied.replacedPaths.push(path);
      await real.replace(path, text, assertOwner);
    },
    readRange(path, start, length) {
      spied.logBytesRead += length;
      return real.readRange(path, start, length);
    },
  };
  const spied: FileSystemSpy = {
    files,
    appendedBytes: 0,
    syncedPaths: [],
    replacedPaths: [],
    logBytesRead: 0,
    before: {},
  };
  return spied;
}

import type { AppendFile, FileSystem } from '../../../src/storage/json/disk/file-system.ts';
import { nodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';

/** The file system of the machine, watched, and led astray where a test wants it. */
export interface SpiedFiles {
  readonly files: FileSystem;
  /** How many bytes were appended, and what was synced and exchanged, by path. */
  appended: number;
  readonly synced: string[];
  readonly replaced: string[];
  /** How many bytes of logs were read. */
  read: number;
  /** Called before each of these; what it throws is what happens instead. */
  before: {
    append?: (path: string) => void | Promise<void>;
    sync?: (path: string) => void | Promise<void>;
    replace?: (path: string) => void | Promise<void>;
  };
}

/** Watches the file system of the machine. */
export function spyOnFiles(): SpiedFiles {
  const real = nodeFileSystem();
  const opened = (path: string, file: AppendFile): AppendFile => ({
    async append(bytes) {
      await spied.before.append?.(path);
      spied.appended += bytes.length;
      await file.append(bytes);
    },
    async sync() {
      await spied.before.sync?.(path);
      spied.synced.push(path);
      await file.sync();
    },
    close: () => file.close(),
  });
  const files: FileSystem = {
    ...real,
    create: async (path) => opened(path, await real.create(path)),
    extend: async (path) => opened(path, await real.extend(path)),
    async replace(path, text, assertOwner) {
      await spied.before.replace?.(path);
      spied.replaced.push(path);
      await real.replace(path, text, assertOwner);
    },
    readRange(path, start, length) {
      spied.read += length;
      return real.readRange(path, start, length);
    },
  };
  const spied: SpiedFiles = { files, appended: 0, synced: [], replaced: [], read: 0, before: {} };
  return spied;
}

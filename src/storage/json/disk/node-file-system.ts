import { constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises';
import { lock } from 'proper-lockfile';
import { systemErrorCode } from '../../../domain/values/system-error.ts';
import type { AppendFile, FileSystem } from './file-system.ts';
import { makeFolder } from './make-folder.ts';
import { currentProcess, isRunning } from './node-process.ts';
import { replaceFile } from './replace-file.ts';
import { statAll } from './stat-all.ts';

const ownerOnlyMode = 0o600;
const heartbeatMs = 2_500;
const staleMs = 10_000;

/** What Linux calls the file systems that lie elsewhere. */
const networkFileSystems: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4266872130: 'SMB',
  4283649346: 'CIFS',
  1702057286: 'FUSE',
  16914839: '9P',
  12805120: 'Ceph',
  1397113167: 'AFS',
};

/** The file system of this machine. */
export function createNodeFileSystem(): FileSystem {
  return {
    makeFolder,
    list(path) {
      const entries = readIfThere(path, () => readdirSync(path, { withFileTypes: true })) ?? [];
      return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
    },
    stat(path) {
      const found = statSync(path, { throwIfNoEntry: false });
      return found && { bytes: found.size, touchedAt: found.mtimeMs, isFolder: found.isDirectory() };
    },
    statAll,
    read: (path) => readIfThere(path, () => readFileSync(path)),
    // Not by way of the bytes: Node reads text in one call, which the start of a large store is made of.
    readText: (path) => readIfThere(path, () => readFileSync(path, 'utf8')),
    readRange,
    create: async (path) => new NodeAppendFile(await open(path, 'ax', ownerOnlyMode)),
    // The flag `a` would make a file that is missing.
    openForAppend: async (path) =>
      new NodeAppendFile(await open(path, constants.O_WRONLY | constants.O_APPEND)),
    createExclusive,
    replace: replaceFile,
    move: rename,
    remove: (path) => rm(path, { recursive: true, force: true, maxRetries: 5 }),
    syncFolder,
    async volume(path) {
      const { bavail, bsize, type } = await statfs(path);
      const network = process.platform === 'linux' ? networkFileSystems[type >>> 0] : undefined;
      return { freeBytes: bavail * bsize, network };
    },
    startHeartbeat(path, onLost) {
      const options = { lockfilePath: path, realpath: false, stale: staleMs, update: heartbeatMs };
      return lock(path, { ...options, onCompromised: onLost });
    },
    currentProcess: currentProcess,
    isRunning,
  };
}

class NodeAppendFile implements AppendFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#handle.write(bytes, written)).bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function readIfThere<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    // Node leaves the path out when it is a folder.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await file.read(bytes, read, length - read, start + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

async function createExclusive(path: string, text: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', ownerOnlyMode);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(text);
    await file.sync();
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOSPC') return true;
    throw error;
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

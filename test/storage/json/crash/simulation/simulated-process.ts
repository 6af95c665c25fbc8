import { posix } from 'node:path';
import type {
  AppendFile,
  FileSystem,
  FolderEntry,
  LockHolder,
} from '../../../../../src/storage/json/disk/file-system.ts';
import { type FileStat, flattenStats, statOf } from './file-stats.ts';
import { type SimulatedDisk, SimulatedFile, SimulatedFolder, type SimulatedNode } from './simulated-disk.ts';
import {
  asFile,
  asFolder,
  createSystemError,
  findNode,
  parentFolderOf,
  requireNode,
  splitPath,
} from './simulated-paths.ts';
import { type CallInterceptor, ShortWriteError, type SystemCall } from './system-calls.ts';

let processes = 0;

/** The file system as one process on a simulated disk sees it. Its steps are those of the file system of Node. */
export class SimulatedProcess implements FileSystem {
  readonly interceptor: CallInterceptor;
  readonly #disk: SimulatedDisk;
  readonly #pid = ++processes;
  readonly #running: Set<number>;
  #temporaryCount = 0;
  #isKilled = false;

  /** `running` are the pids of the processes that are seen to run, of which this one becomes one. */
  constructor(disk: SimulatedDisk, meddler: CallInterceptor = {}, running: Set<number> = new Set()) {
    this.#disk = disk;
    this.interceptor = meddler;
    this.#running = running;
    running.add(this.#pid);
  }

  /** From now on no other process sees it run. */
  markDead(): void {
    this.#running.delete(this.#pid);
  }

  /** It is killed: whatever it still asks for is not done. */
  kill(): void {
    this.markDead();
    this.#isKilled = true;
  }

  async makeFolder(path: string): Promise<void> {
    let folder = this.#disk.root;
    for (const name of splitPath(path)) {
      let inner = folder.entries.get(name);
      if (inner === undefined) {
        await this.#call('makeFolder', path);
        inner = folder.entries.get(name) ?? new SimulatedFolder();
        if (!folder.entries.has(name)) this.#disk.link(folder, [name, inner]);
      }
      folder = asFolder(inner, path);
    }
  }

  list(path: string): readonly FolderEntry[] {
    this.#before({ operation: 'list', path });
    const folder = findNode(this.#disk, path);
    if (folder === undefined) return [];
    return [...asFolder(folder, path).entries].map(([name, node]) => ({
      name,
      isFolder: node instanceof SimulatedFolder,
    }));
  }

  stat(path: string): FileStat | undefined {
    this.#before({ operation: 'stat', path });
    const node = findNode(this.#disk, path);
    // Whoever has a heartbeat is as fresh as can be.
    return (
      node && { ...statOf(node), ...(path.includes('/lock/') ? { bytes: 0, touchedAt: Date.now() } : {}) }
    );
  }

  statAll = async (paths: readonly string[]) => flattenStats(paths.map((path) => this.stat(path)));

  read(path: string): Uint8Array | undefined {
    this.#before({ operation: 'read', path });
    const node = findNode(this.#disk, path);
    return node === undefined ? undefined : asFile(node, path).bytes;
  }

  readText(path: string): string | undefined {
    const bytes = this.read(path);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  async readRange(path: string, start: number, length: number): Promise<Uint8Array> {
    await this.#call('read', path);
    return asFile(requireNode(this.#disk, path), path).bytes.subarray(start, start + length);
  }

  async create(path: string): Promise<AppendFile> {
    await this.#call('create', path);
    if (findNode(this.#disk, path) !== undefined) throw createSystemError('EEXIST', path);
    return this.#toAppendFile(path, this.#createFile(path));
  }

  async openForAppend(path: string): Promise<AppendFile> {
    await this.#call('open', path);
    return this.#toAppendFile(path, asFile(requireNode(this.#disk, path), path));
  }

  async createExclusive(path: string, text: string): Promise<boolean> {
    await this.#call('create', path);
    if (findNode(this.#disk, path) !== undefined) return false;
    const file = this.#toAppendFile(path, this.#createFile(path));
    try {
      await file.append(Buffer.from(text));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      return true;
    }
    await file.sync();
    return true;
  }

  async replace(path: string, text: string, assertOwner: () => void): Promise<void> {
    const temporary = `${path}.${this.#pid}${++this.#temporaryCount}`;
    await this.#call('create', temporary);
    const file = this.#toAppendFile(temporary, this.#createFile(temporary));
    try {
      assertOwner();
      await this.#call('open', temporary);
      await this.#toAppendFile(temporary, asFile(requireNode(this.#disk, temporary), temporary)).append(
        Buffer.from(text),
      );
      await file.sync();
      await this.move(temporary, path);
    } catch (error) {
      await this.remove(temporary).catch(() => {});
      throw error;
    }
  }

  async move(from: string, to: string): Promise<void> {
    await this.#call('rename', from);
    const node = requireNode(this.#disk, from);
    const [source, target] = [parentFolderOf(this.#disk, from), parentFolderOf(this.#disk, to)];
    const [old, fresh] = [posix.basename(from), posix.basename(to)];
    if (source === target) this.#disk.link(source, [old, undefined], [fresh, node]);
    else {
      this.#disk.link(target, [fresh, node]);
      this.#disk.link(source, [old, undefined]);
    }
  }

  async remove(path: string): Promise<void> {
    const node = findNode(this.#disk, path);
    if (node === undefined) return;
    if (node instanceof SimulatedFolder) {
      for (const name of [...node.entries.keys()]) await this.remove(`${path}/${name}`);
    }
    await this.#call('remove', path);
    if (findNode(this.#disk, path) !== undefined) {
      this.#disk.link(parentFolderOf(this.#disk, path), [posix.basename(path), undefined]);
    }
  }

  async syncFolder(path: string): Promise<void> {
    await this.#sync({ operation: 'syncFolder', path }, asFolder(requireNode(this.#disk, path), path));
  }

  async volume(path: string): Promise<{ freeBytes: number; network: undefined }> {
    await this.#call('volume', path);
    return { freeBytes: this.#disk.freeBytes, network: undefined };
  }

  async startHeartbeat(path: string): Promise<() => Promise<void>> {
    await this.makeFolder(path);
    return () => this.remove(path);
  }

  currentProcess(): LockHolder {
    return { pid: this.#pid, host: 'here', bootId: '', pidNamespace: '', processStart: '' };
  }

  isRunning(holder: LockHolder): boolean {
    return this.#running.has(holder.pid);
  }

  async #call(what: SystemCall['operation'], path: string): Promise<void> {
    if (!this.#isKilled) await this.interceptor.pause?.({ operation: what, path });
    this.#before({ operation: what, path });
  }

  #before(step: SystemCall): void {
    if (!this.#isKilled) this.interceptor.before?.(step);
    if (this.#isKilled) throw createSystemError('EIO', 'the process is dead');
  }

  async #sync(step: SystemCall, node: SimulatedNode): Promise<void> {
    const asked = this.#disk.moment;
    try {
      await this.#call(step.operation, step.path);
    } catch (error) {
      if (!this.#isKilled && node instanceof SimulatedFile) this.#disk.failSync(node);
      throw error;
    }
    this.#disk.sync(node, asked);
  }

  #toAppendFile(path: string, file: SimulatedFile): AppendFile {
    return {
      append: async (bytes) => {
        try {
          await this.#call('write', path);
        } catch (error) {
          if (error instanceof ShortWriteError) this.#disk.append(file, bytes.subarray(0, bytes.length >> 1));
          throw error;
        }
        const fitting = bytes.subarray(0, Math.max(0, this.#disk.freeBytes));
        if (fitting.length > 0) this.#disk.append(file, fitting);
        if (fitting.length < bytes.length) throw createSystemError('ENOSPC', path);
      },
      sync: () => this.#sync({ operation: 'sync', path }, file),
      close: () => this.#call('close', path),
    };
  }

  #createFile(path: string): SimulatedFile {
    const file = new SimulatedFile();
    this.#disk.link(parentFolderOf(this.#disk, path), [posix.basename(path), file]);
    return file;
  }
}

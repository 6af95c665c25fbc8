import { posix } from 'node:path';
import type {
  AppendFile,
  FileSystem,
  FolderEntry,
  Holder,
} from '../../../../src/storage/json/disk/file-system.ts';
import { type Imprint, imprintOf, numbersOf } from './imprints.ts';
import { type SimulatedDisk, SimulatedFile, SimulatedFolder, type SimulatedNode } from './simulated-disk.ts';
import { fault, fileOf, findNode, folderAbove, folderOf, partsOf, requireNode } from './simulated-paths.ts';

/** One thing that a process asks of the operating system. */
export interface Step {
  readonly what:
    | 'list'
    | 'stat'
    | 'read'
    | 'volume'
    | 'open'
    | 'close'
    | 'makeFolder'
    | 'create'
    | 'write'
    | 'sync'
    | 'rename'
    | 'remove'
    | 'syncFolder';
  readonly path: string;
}

/** What happens to the steps of a process. */
export interface Meddler {
  /** Called before each step; what it throws is what happens instead. */
  before?: (step: Step) => void;
  /** A step that can take time does, until this resolves. */
  pause?: (step: Step) => Promise<void> | undefined;
}

/** A fault that lets half of what is to be written through. */
export class ShortWrite extends Error {
  readonly code = 'ENOSPC';
}

let processes = 0;

/** The file system as one process on a simulated disk sees it. Its steps are those of the file system of Node. */
export class SimulatedProcess implements FileSystem {
  readonly meddler: Meddler;
  readonly #disk: SimulatedDisk;
  readonly #pid = ++processes;
  readonly #running: Set<number>;
  #temporary = 0;
  #ended = false;

  /** `running` are the pids of the processes that are seen to run, of which this one becomes one. */
  constructor(disk: SimulatedDisk, meddler: Meddler = {}, running: Set<number> = new Set()) {
    this.#disk = disk;
    this.meddler = meddler;
    this.#running = running;
    running.add(this.#pid);
  }

  /** From now on no other process sees it run. */
  vanish(): void {
    this.#running.delete(this.#pid);
  }

  /** It is killed: whatever it still asks for is not done. */
  end(): void {
    this.vanish();
    this.#ended = true;
  }

  async makeFolder(path: string): Promise<void> {
    let folder = this.#disk.root;
    for (const name of partsOf(path)) {
      let inner = folder.names.get(name);
      if (inner === undefined) {
        await this.#step('makeFolder', path);
        inner = folder.names.get(name) ?? new SimulatedFolder();
        if (!folder.names.has(name)) this.#disk.name(folder, [name, inner]);
      }
      folder = folderOf(inner, path);
    }
  }

  list(path: string): readonly FolderEntry[] {
    this.#before({ what: 'list', path });
    const folder = findNode(this.#disk, path);
    if (folder === undefined) return [];
    return [...folderOf(folder, path).names].map(([name, node]) => ({
      name,
      isFolder: node instanceof SimulatedFolder,
    }));
  }

  stat(path: string): Imprint | undefined {
    this.#before({ what: 'stat', path });
    const node = findNode(this.#disk, path);
    // Whoever has a heartbeat is as fresh as can be.
    return node && (path.includes('/lock/') ? { bytes: 0, touchedAt: Date.now() } : imprintOf(node));
  }

  statAll = async (paths: readonly string[]) => numbersOf(paths.map((path) => this.stat(path)));

  read(path: string): Uint8Array | undefined {
    this.#before({ what: 'read', path });
    const node = findNode(this.#disk, path);
    return node === undefined ? undefined : fileOf(node, path).bytes;
  }

  readText(path: string): string | undefined {
    const bytes = this.read(path);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  }

  async readRange(path: string, start: number, length: number): Promise<Uint8Array> {
    await this.#step('read', path);
    return fileOf(requireNode(this.#disk, path), path).bytes.subarray(start, start + length);
  }

  async create(path: string): Promise<AppendFile> {
    await this.#step('create', path);
    if (findNode(this.#disk, path) !== undefined) throw fault('EEXIST', path);
    return this.#opened(path, this.#make(path));
  }

  async extend(path: string): Promise<AppendFile> {
    await this.#step('open', path);
    return this.#opened(path, fileOf(requireNode(this.#disk, path), path));
  }

  async claim(path: string, text: string): Promise<boolean> {
    await this.#step('create', path);
    if (findNode(this.#disk, path) !== undefined) return false;
    const file = this.#opened(path, this.#make(path));
    await file.append(Buffer.from(text));
    await file.sync();
    return true;
  }

  async replace(path: string, text: string, assertOwner: () => void): Promise<void> {
    const temporary = `${path}.${this.#pid}${++this.#temporary}`;
    await this.#step('create', temporary);
    const file = this.#opened(temporary, this.#make(temporary));
    try {
      assertOwner();
      await this.#step('open', temporary);
      await this.#opened(temporary, fileOf(requireNode(this.#disk, temporary), temporary)).append(
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
    await this.#step('rename', from);
    const node = requireNode(this.#disk, from);
    const [source, target] = [folderAbove(this.#disk, from), folderAbove(this.#disk, to)];
    const [old, fresh] = [posix.basename(from), posix.basename(to)];
    if (source === target) this.#disk.name(source, [old, undefined], [fresh, node]);
    else {
      this.#disk.name(target, [fresh, node]);
      this.#disk.name(source, [old, undefined]);
    }
  }

  async remove(path: string): Promise<void> {
    const node = findNode(this.#disk, path);
    if (node === undefined) return;
    if (node instanceof SimulatedFolder) {
      for (const name of [...node.names.keys()]) await this.remove(`${path}/${name}`);
    }
    await this.#step('remove', path);
    if (findNode(this.#disk, path) !== undefined) {
      this.#disk.name(folderAbove(this.#disk, path), [posix.basename(path), undefined]);
    }
  }

  async syncFolder(path: string): Promise<void> {
    await this.#sync({ what: 'syncFolder', path }, folderOf(requireNode(this.#disk, path), path));
  }

  async volume(path: string): Promise<{ freeBytes: number; network: undefined }> {
    await this.#step('volume', path);
    return { freeBytes: this.#disk.free, network: undefined };
  }

  async keepFresh(path: string): Promise<() => Promise<void>> {
    await this.makeFolder(path);
    return () => this.remove(path);
  }

  self(): Holder {
    return { pid: this.#pid, host: 'here', bootId: '', pidNamespace: '', processStart: '' };
  }

  isRunning(holder: Holder): boolean {
    return this.#running.has(holder.pid);
  }

  async #step(what: Step['what'], path: string): Promise<void> {
    if (!this.#ended) await this.meddler.pause?.({ what, path });
    this.#before({ what, path });
  }

  #before(step: Step): void {
    if (!this.#ended) this.meddler.before?.(step);
    if (this.#ended) throw fault('EIO', 'the process is dead');
  }

  async #sync(step: Step, node: SimulatedNode): Promise<void> {
    const asked = this.#disk.moment;
    try {
      await this.#step(step.what, step.path);
    } catch (error) {
      if (!this.#ended && node instanceof SimulatedFile) this.#disk.failSync(node);
      throw error;
    }
    this.#disk.sync(node, asked);
  }

  #opened(path: string, file: SimulatedFile): AppendFile {
    return {
      append: async (bytes) => {
        try {
          await this.#step('write', path);
        } catch (error) {
          if (error instanceof ShortWrite) this.#disk.append(file, bytes.subarray(0, bytes.length >> 1));
          throw error;
        }
        const fitting = bytes.subarray(0, Math.max(0, this.#disk.free));
        if (fitting.length > 0) this.#disk.append(file, fitting);
        if (fitting.length < bytes.length) throw fault('ENOSPC', path);
      },
      sync: () => this.#sync({ what: 'sync', path }, file),
      close: () => this.#step('close', path),
    };
  }

  #make(path: string): SimulatedFile {
    const file = new SimulatedFile();
    this.#disk.name(folderAbove(this.#disk, path), [posix.basename(path), file]);
    return file;
  }
}

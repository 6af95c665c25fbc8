import { posix } from 'node:path';
import type { AppendFile, FileSystem } from '../disk/file-system.ts';
import type { Fence } from './fence.ts';
import { trashFolder } from './store-layout.ts';

/**
 * The data folder in the hands of the process that owns it. Paths are relative to it. Nothing done here can harm a
 * successor; what was done is on the disk itself after `sync`.
 */
export class OwnedFolder {
  readonly files: FileSystem;
  readonly root: string;
  readonly fence: Fence;
  /** Gets how many bytes were written to a file. */
  onWrite: (bytes: number) => void = () => {};
  readonly #existingFolders = new Set<string>();
  readonly #unsyncedFolders = new Set<string>();
  #discardCount = 0;

  constructor(files: FileSystem, root: string, fence: Fence) {
    this.files = files;
    this.root = root;
    this.fence = fence;
  }

  get term(): number {
    return this.fence.term;
  }

  /** The absolute path. */
  at(path: string): string {
    return path === '.' ? this.root : `${this.root}/${path}`;
  }

  /** Makes the folder and those above it. */
  async makeFolder(path: string): Promise<void> {
    if (path === '.' || this.#existingFolders.has(path)) return;
    await this.files.makeFolder(this.at(path));
    for (let folder = path; folder !== '.'; folder = posix.dirname(folder)) {
      this.#existingFolders.add(folder);
      this.#unsyncedFolders.add(posix.dirname(folder));
    }
  }

  /** Lets the next `sync` make the names in the folder safe too, whoever changed them. */
  markForSync(path: string): void {
    this.#unsyncedFolders.add(path);
  }

  /** Puts a synced file with this text in place of the one there. */
  async replace(path: string, text: string): Promise<void> {
    await this.#createIn(path, (file) => this.files.replace(file, text, () => this.fence.assertOwned()));
    this.onWrite(Buffer.byteLength(text));
  }

  /** Makes a file to append to. Throws when there is one. */
  async create(path: string): Promise<AppendFile> {
    this.fence.assertOwned();
    return this.#counted(await this.#createIn(path, (file) => this.files.create(file)));
  }

  /** Opens a file of this term to append to. */
  async openForAppend(path: string): Promise<AppendFile> {
    this.fence.assertOwned();
    return this.#counted(await this.files.openForAppend(this.at(path)));
  }

  /** Gives a file of this term another name in its folder. */
  async move(from: string, to: string): Promise<void> {
    this.fence.assertOwned();
    await this.files.move(this.at(from), this.at(to));
    this.#unsyncedFolders.add(posix.dirname(to));
  }

  /** Takes away a file or folder, if it is there, by moving it where a successor takes it from this process. */
  async discard(path: string): Promise<void> {
    this.fence.assertOwned();
    this.#forget(path);
    if (this.files.stat(this.at(path)) === undefined) return;
    const trash = trashFolder(this.term);
    const name = `${++this.#discardCount}-${posix.basename(path)}`;
    await this.files.move(this.at(path), this.at(`${trash}/${name}`));
    this.#unsyncedFolders.add(posix.dirname(path));
  }

  /** Removes for good what was listed before, if it is there. As there is no successor yet, none of that was made by one. */
  async removeListed(path: string): Promise<void> {
    this.fence.assertOwned();
    await this.files.remove(this.at(path));
  }

  /** Removes for good what was discarded. */
  async emptyTrash(): Promise<void> {
    const trash = this.at(trashFolder(this.term));
    for (const { name } of this.files.list(trash)) await this.files.remove(`${trash}/${name}`);
  }

  /** Resolves when every name that was made, exchanged or taken away is on the disk itself. */
  async sync(): Promise<void> {
    for (const folder of [...this.#unsyncedFolders]) {
      // Before, as it may be touched again meanwhile.
      this.#unsyncedFolders.delete(folder);
      try {
        // Discarded since, with all the names in it.
        if (this.files.stat(this.at(folder)) === undefined) continue;
        await this.files.syncFolder(this.at(folder));
      } catch (error) {
        this.#unsyncedFolders.add(folder);
        throw error;
      }
    }
  }

  #counted(file: AppendFile): AppendFile {
    return {
      append: async (bytes) => {
        await file.append(bytes);
        this.onWrite(bytes.length);
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }

  async #createIn<T>(path: string, put: (file: string) => Promise<T>): Promise<T> {
    const folder = posix.dirname(path);
    await this.makeFolder(folder);
    try {
      const made = await put(this.at(path));
      this.#unsyncedFolders.add(folder);
      return made;
    } catch (error) {
      // Somebody may have taken the folder away; the next try makes it again.
      this.#forget(folder);
      throw error;
    }
  }

  #forget(path: string): void {
    for (const known of this.#existingFolders)
      if (known === path || known.startsWith(`${path}/`)) this.#existingFolders.delete(known);
  }
}

/** A data folder that is read: by its owner, or by whoever only looks. */
export type ReadableFolder = Pick<OwnedFolder, 'files' | 'root' | 'at' | 'removeListed'>;

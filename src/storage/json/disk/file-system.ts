/** A file that is only ever appended to, by the one who opened it. */
export interface AppendFile {
  /** Appends all of the bytes. Throws when only a part or nothing could be written. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything appended is on the disk itself, as fdatasync. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What lies in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** What a folder lies on. */
export interface Volume {
  readonly freeBytes: number;
  /** The kind of network or user-space file system it is, undefined for a local disk. */
  readonly network: string | undefined;
}

/** A process that holds, or held, a data folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Identity of the machine's run and of the process's view of pids, as far as the platform tells. */
  readonly bootId: string;
  readonly pidNamespace: string;
  /** When the process began in the clock of the machine, so that a pid used again is not mistaken. */
  readonly processStart: string;
}

/**
 * PORT: all that the store does to the outside world goes through here, so that a simulation can take its place. Paths
 * are absolute. What is synchronous is either a look at what is cached or part of the start, where it is far quicker.
 */
export interface FileSystem {
  /** Makes the folder and those above it, for the owner alone; one that exists stays as it is. */
  makeFolder(path: string): Promise<void>;
  /** What lies in the folder; nothing when there is none. */
  list(path: string): readonly FolderEntry[];
  /** How large it is and when it was last touched, in epoch milliseconds; undefined when there is nothing. */
  stat(
    path: string,
  ): { readonly bytes: number; readonly touchedAt: number; readonly isFolder: boolean } | undefined;
  /** The same of many, two numbers for each, which are -1 where there is nothing; other work can go on meanwhile. */
  statAll(paths: readonly string[]): Promise<Float64Array>;
  /** The whole file; undefined when there is none. */
  read(path: string): Uint8Array | undefined;
  /** The whole file as text. */
  readText(path: string): string | undefined;
  /** These bytes of a file, fewer where it ends before. Throws when there is none. */
  readRange(path: string, start: number, length: number): Promise<Uint8Array>;
  /** Makes a file to append to. Throws when there is one. */
  create(path: string): Promise<AppendFile>;
  /** Opens a file to append to. Throws when there is none. */
  openForAppend(path: string): Promise<AppendFile>;
  /**
   * Makes a file with this text and syncs it; false when there is one, which then stays as it is. The file may lack the
   * text, or a part of it, where the disk is full.
   */
  createExclusive(path: string, text: string): Promise<boolean>;
  /**
   * Puts the text in place of the file, synced, so that there is the whole old or the whole new file at any time. Calls
   * `assertOwner` when nothing but the exchange is left to prepare, and does nothing when that throws.
   */
  replace(path: string, text: string, assertOwner: () => void): Promise<void>;
  /** Gives a file or folder another name. Throws when there is nothing under the first, or no folder for the second. */
  move(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with all in it; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Resolves when the names in the folder are on the disk itself. */
  syncFolder(path: string): Promise<void>;
  volume(path: string): Promise<Volume>;
  /**
   * Keeps the path fresh for as long as this process runs, and takes it away at its end or by the returned function.
   * `onLost` hears when somebody else took it away.
   */
  startHeartbeat(path: string, onLost: (reason: Error) => void): Promise<() => Promise<void>>;
  /** This process. */
  currentProcess(): LockHolder;
  /** Whether the process runs; undefined when that cannot be seen from here. */
  isRunning(holder: LockHolder): boolean | undefined;
}

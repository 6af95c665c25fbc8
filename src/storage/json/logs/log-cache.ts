import type { FileSystem } from '../disk/file-system.ts';
import type { LogFile } from './log-file.ts';
import type { LogLine } from './log-line.ts';
import type { LogView } from './log-view.ts';

/** Most characters of written lines that are held in memory, of all logs together. */
const maxCachedCharacters = 32 * 1024 * 1024;

/** Looks into logs, and keeps the newest lines of those that were used last in memory. */
export class LogCache {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #cachedLogs = new Map<LogFile, number>();
  #cachedCharacters = 0;

  /** `root` is the data folder. */
  constructor(files: FileSystem, root: string) {
    this.#files = files;
    this.#root = root;
  }

  /** The log as it is now, also when it grows or goes later; an empty one for undefined. */
  view(log: LogFile | undefined): LogView {
    if (log === undefined) return { first: 1, last: 0, newest: 0, read: () => [] };
    const { first, last, newest } = log;
    return { first, last, newest, read: (after, to) => this.#read(log, after, Math.min(to, last)) };
  }

  /** Notes that the log was used, and lets go of what the ones used before hold when all together hold too much. */
  markUsed(log: LogFile): void {
    this.#forget(log);
    const { cachedCharacters } = log;
    if (cachedCharacters === 0) return;
    this.#cachedLogs.set(log, cachedCharacters);
    this.#cachedCharacters += cachedCharacters;
    for (const coldest of this.#cachedLogs.keys()) {
      if (this.#cachedCharacters <= maxCachedCharacters) return;
      this.#forget(coldest);
      coldest.dropCache();
    }
  }

  #forget(log: LogFile): void {
    this.#cachedCharacters -= this.#cachedLogs.get(log) ?? 0;
    this.#cachedLogs.delete(log);
  }

  #read(log: LogFile, after: number, to: number): readonly LogLine[] | Promise<readonly LogLine[]> {
    const lines = log.read(this.#files, this.#root, after, to);
    if (!(lines instanceof Promise)) return lines;
    return lines.finally(() => this.markUsed(log));
  }
}

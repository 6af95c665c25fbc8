import type { LogFile } from '../logs/log-file.ts';

/** What differs between memory and files: what a checkpoint has to write. */
export class DirtyFiles {
  /** Entity files and what they are to hold; null for those to be taken away. */
  readonly entities = new Map<string, object | null>();
  /** Logs with lines that are not written. */
  readonly logs = new Map<string, LogFile>();
  /** Folders of logs that are to be taken away, before anything is written to the logs. */
  readonly droppedFolders = new Set<string>();

  get isEmpty(): boolean {
    return this.entities.size === 0 && this.logs.size === 0 && this.droppedFolders.size === 0;
  }

  markChanged(path: string, entity: object): void {
    this.entities.set(path, entity);
  }

  markDeleted(path: string): void {
    this.entities.set(path, null);
  }

  markLogAppended(log: LogFile): void {
    this.logs.set(log.folder, log);
  }

  markLogDropped(log: LogFile): void {
    this.logs.delete(log.folder);
    this.droppedFolders.add(log.folder);
  }

  /** Takes back what could not be written, where nothing newer is known. */
  mergeEarlier(earlier: DirtyFiles): void {
    for (const [path, entity] of earlier.entities) {
      if (!this.entities.has(path)) this.entities.set(path, entity);
    }
    for (const [folder, log] of earlier.logs) {
      if (!this.droppedFolders.has(folder) && !this.logs.has(folder)) this.logs.set(folder, log);
    }
    for (const folder of earlier.droppedFolders) this.droppedFolders.add(folder);
  }
}

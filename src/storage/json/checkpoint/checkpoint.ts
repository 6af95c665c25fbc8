import type { Retention } from '../../retention.ts';
import type { OwnedFolder } from '../folder/owned-folder.ts';
import { isStreamFolder, layout } from '../folder/store-layout.ts';
import type { Journal } from '../journal/journal.ts';
import type { LogCache } from '../logs/log-cache.ts';
import type { LogFile } from '../logs/log-file.ts';
import { writeLog } from '../logs/log-writer.ts';
import { DirtyFiles } from '../state/dirty-files.ts';
import type { StoredState } from '../state/stored-state.ts';
import { encodeCheckpointRecord, encodeLogSummary } from './checkpoint-record.ts';
import { dropSnapshot, writeSnapshot } from './snapshot.ts';

/** What a checkpoint works on. */
export interface CheckpointDependencies {
  readonly folder: OwnedFolder;
  readonly state: StoredState;
  readonly journal: Journal;
  readonly logs: LogCache;
  readonly retention: Retention;
}

/** How one checkpoint is done. */
export interface CheckpointWriteOptions {
  /** How many files are written at the same time. */
  readonly concurrency: number;
  /** Whether nothing can be committed any more, so that the files need no journal beside them. */
  readonly isFinal?: boolean;
  /** Gives up between two files. */
  readonly signal?: AbortSignal;
}

/**
 * Brings the files to where the journal is, and then removes what of the journal is superfluous. It writes what is
 * durable in the journal only, each file synced before the note that counts on it, and that before anything goes.
 */
export class Checkpoint {
  readonly #dependencies: CheckpointDependencies;
  readonly #logSummaries: Map<string, string>;
  readonly #unreferencedSegments: string[] = [];
  #hasSnapshot: boolean;

  /** `described` are the parts of the present note that tell of logs; `hasSnapshot` says that one is as the files are. */
  constructor(parts: CheckpointDependencies, described: Map<string, string>, hasSnapshot: boolean) {
    this.#dependencies = parts;
    this.#logSummaries = described;
    this.#hasSnapshot = hasSnapshot;
  }

  /** Whether something changed since the last one. */
  get isDue(): boolean {
    return !this.#dependencies.state.dirty.isEmpty;
  }

  /** How many files of entities it would write. */
  get dirtyEntityCount(): number {
    return this.#dependencies.state.dirty.entities.size;
  }

  /** Writes what changed since the last one. Throws having lost nothing; the next one does what is left. */
  async write({ concurrency, isFinal = false, signal }: CheckpointWriteOptions): Promise<void> {
    const { folder, state, journal } = this.#dependencies;
    if (this.isDue) {
      // From here on it is not how the files are. First of all, as what is taken next and the cut are of one instant.
      await dropSnapshot(folder);
      this.#hasSnapshot = false;
    }
    const { tx, sum, dirty } = state;
    const ends = new Map([...dirty.logs.values()].map((log) => [log, log.last]));
    state.dirty = new DirtyFiles();
    try {
      // Behind everything in `dirty`, which is durable once the segment has begun.
      const segment = isFinal ? null : await journal.rotate();
      await this.#writeFiles(dirty, ends, concurrency, signal);
      await this.writeRecord(tx, sum, segment);
      if (isFinal) await this.#tryWriteSnapshot(signal);
    } catch (error) {
      state.dirty.mergeEarlier(dirty);
      throw error;
    }
  }

  /** Notes that the files are complete with transaction `tx`, and the journal needed from this segment on. */
  async writeRecord(tx: number, sum: number | undefined, segment: string | null): Promise<void> {
    const { folder, state, journal } = this.#dependencies;
    const note = { tx, term: folder.term, epoch: state.epoch, journal: segment, sum };
    await folder.sync();
    await folder.replace(layout.checkpoint, encodeCheckpointRecord(note, this.#logSummaries));
    await folder.sync();
    await this.#discardUnreferenced();
    await journal.trim(segment);
  }

  async #tryWriteSnapshot(signal: AbortSignal | undefined): Promise<void> {
    if (this.#hasSnapshot) return;
    const { folder, state } = this.#dependencies;
    // Without it the next start reads every file.
    await writeSnapshot(folder, state, signal).catch(() => {});
  }

  /** What is written leaves `dirty`, so that what is left of it is still to be done. */
  async #writeFiles(
    dirty: DirtyFiles,
    ends: ReadonlyMap<LogFile, number>,
    parallel: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { folder, logs } = this.#dependencies;
    const turn = <T>(items: Iterable<T>, work: (item: T) => Promise<void>) =>
      forEachConcurrently(items, parallel, async (item) => {
        signal?.throwIfAborted();
        await work(item);
      });
    await turn(dirty.droppedFolders, async (path) => {
      await folder.discard(path);
      dirty.droppedFolders.delete(path);
      this.#logSummaries.delete(path);
    });
    await turn(dirty.logs.values(), async (log) => {
      await writeLog(folder, log, ends.get(log) ?? 0);
      if (isStreamFolder(log.folder)) this.#trimLog(log);
      dirty.logs.delete(log.folder);
      this.#logSummaries.set(log.folder, encodeLogSummary(log));
      logs.markUsed(log);
    });
    await turn(dirty.entities, async ([path, entity]) => {
      if (entity === null) await folder.discard(path);
      else await folder.replace(path, `${JSON.stringify(entity, null, 2)}\n`);
      dirty.entities.delete(path);
    });
  }

  /** Lets go of segments of events that need not be kept; their files go when no note counts on them. */
  #trimLog(log: LogFile): void {
    const { events, ageMs } = this.#dependencies.retention;
    for (const { name } of log.trim(log.written - events + 1, log.newest - ageMs)) {
      this.#unreferencedSegments.push(`${log.folder}/${name}`);
    }
  }

  async #discardUnreferenced(): Promise<void> {
    for (let path = this.#unreferencedSegments[0]; path !== undefined; path = this.#unreferencedSegments[0]) {
      await this.#dependencies.folder.discard(path);
      this.#unreferencedSegments.shift();
    }
    await this.#dependencies.folder.emptyTrash();
  }
}

async function forEachConcurrently<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const workers = Array.from({ length: parallel }, async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  });
  // Every worker is waited for, so that nothing goes on behind the back of whoever hears of a failure.
  const outcomes = await Promise.allSettled(workers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

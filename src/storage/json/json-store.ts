import type {
  CommitResult,
  EventRecord,
  Reader,
  Store,
  StoreHealth,
  Transaction,
} from '../../application/store/store.ts';
import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import type { Position } from '../../domain/position.ts';
import { TransactionScope } from '../transaction-scope.ts';
import type { CheckpointTimer } from './checkpoint/checkpoint-timer.ts';
import { CommitClock } from './commit-clock.ts';
import type { DiskSpaceMonitor } from './disk/disk-space-monitor.ts';
import type { Ownership } from './folder/folder-lock.ts';
import type { Journal } from './journal/journal.ts';
import { addSum, encodeTransaction } from './journal/transaction-record.ts';
import type { ResolvedOptions } from './json-store-options.ts';
import type { LogCache } from './logs/log-cache.ts';
import { FileGoneError } from './logs/log-segment.ts';
import { SerialQueue } from './serial-queue.ts';
import { toEventRecords } from './state/event-line.ts';
import type { StoredState } from './state/stored-state.ts';
import { SnapshotView } from './view/snapshot-view.ts';
import { createReader } from './view/stored-reader.ts';
import { createTransaction } from './view/stored-transaction.ts';
import { WriteSet } from './view/write-set.ts';
import { withTimeout } from './with-timeout.ts';

/** What an open store is made of. */
export interface StoreDependencies {
  readonly options: ResolvedOptions;
  readonly ownership: Ownership;
  readonly state: StoredState;
  readonly logs: LogCache;
  readonly journal: Journal;
  readonly checkpoints: CheckpointTimer;
  readonly space: DiskSpaceMonitor;
}

type Listener = (events: readonly EventRecord[]) => void;

/** A store on JSON files: everything in memory, committed by the journal, and written to files from time to time. */
export class JsonStore implements Store {
  readonly #dependencies: StoreDependencies;
  readonly #queue = new SerialQueue();
  readonly #clock: CommitClock;
  readonly #listeners = new Set<{ readonly call: Listener }>();
  #closing: Promise<void> | undefined;
  /** Why nothing can be committed yet, undefined when it can: a part of a sentence. */
  notWritable: string | undefined;
  /** Why the last checkpoint failed, undefined when it did not. */
  checkpointError: unknown;

  constructor(parts: StoreDependencies) {
    this.#dependencies = parts;
    const logs = [...parts.state.logs.values()];
    const newest = logs.reduce((latest, log) => Math.max(latest, log.newest), 0);
    this.#clock = new CommitClock(parts.options.now, newest);
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#assertOpen();
    this.#assertOwner();
    return retryOnce(() => this.#runRead(work));
  }

  async transaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>> {
    this.#assertOpen();
    let seen = 0;
    try {
      return await this.#queue.run(async () => {
        try {
          return await retryOnce(() => this.#runTransaction(actor, work));
        } finally {
          seen = this.#dependencies.state.tx;
        }
      });
    } finally {
      // The caller may rely on what was committed here, or on what the work read before it threw.
      await this.#dependencies.journal.waitUntilDurable(seen);
    }
  }

  onCommit(listener: Listener): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  health(): StoreHealth {
    const { journal, space } = this.#dependencies;
    if (journal.fatalError !== undefined) return { status: 'failed', detail: journal.fatalError.message };
    if (this.#isFull(0)) return { status: 'full', detail: `There is no space left to ${this.#fullDetail}.` };
    if (space.isLow) return { status: 'degraded', detail: 'There is little space left on the disk.' };
    if (this.checkpointError === undefined) return { status: 'ok' };
    return { status: 'degraded', detail: `The last checkpoint failed: ${String(this.checkpointError)}` };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Whether there is no room for so many bytes more. */
  #isFull(bytes: number): boolean {
    const { journal, options, space } = this.#dependencies;
    const isJournalFull = journal.bytes >= options.maxJournalBytes;
    return this.notWritable !== undefined || isJournalFull || !space.hasRoomFor(journal.pendingBytes + bytes);
  }

  get #fullDetail(): string {
    return this.notWritable ?? 'commit changes';
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new AppError('NOT_READY', 'The store is closed.');
    if (this.#dependencies.journal.fatalError !== undefined) throw this.#dependencies.journal.fatalError;
  }

  /** Throws STORE_FAILED, and stops for good, once another process owns the folder; this is noticed within 100 ms. */
  #assertOwner(): void {
    const { ownership, journal } = this.#dependencies;
    try {
      ownership.fence.assertRecently();
    } catch (error) {
      throw journal.fail(error);
    }
  }

  async #runRead<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const { state, logs, options, journal } = this.#dependencies;
    const view = new SnapshotView(state, logs);
    const scope = new TransactionScope();
    try {
      return await work(createReader(view, scope, options.retention));
    } finally {
      scope.end();
      view.release();
      await journal.waitUntilDurable(view.tx);
    }
  }

  /** Runs the work and applies what it did; that is committed when the journal says so. */
  async #runTransaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>> {
    const { state, logs, options, journal } = this.#dependencies;
    if (journal.fatalError !== undefined) throw journal.fatalError;
    const writes = new WriteSet(state, logs);
    const scope = new TransactionScope();
    const now = this.#clock.now();
    let value: T;
    try {
      value = await withTimeout(
        options.transactionTimeoutMs,
        work(createTransaction(writes, scope, now, options.retention)),
      );
    } finally {
      scope.end();
    }
    await this.#commit(writes, now, actor);
    return { value, positions: this.#positions(scope.lockedStreams) };
  }

  async #commit(writes: WriteSet, at: number, by: string): Promise<void> {
    const { state, journal, checkpoints, options, space } = this.#dependencies;
    const [changes, events] = [writes.changes(), writes.events()];
    if (changes.length === 0 && events.length === 0) return;
    const record = { tx: state.tx + 1, at, by, changes, events };
    const text = encodeTransaction(record);
    const bytes = Buffer.byteLength(text);
    // What was removed since the last measurement is free again.
    if (this.#isFull(bytes)) await space.measure();
    if (journal.fatalError !== undefined) throw journal.fatalError;
    if (this.#isFull(bytes)) {
      throw new AppError(
        'STORAGE_FULL',
        `There is no space left to ${this.#fullDetail}; free some and try again.`,
      );
    }
    this.#clock.committedAt(at);
    state.apply(record);
    journal.append(record.tx, addSum(text, state.sum), bytes, () => this.#notify(toEventRecords(record)));
    if (journal.bytes >= options.checkpointBytes) checkpoints.runNow();
    else checkpoints.schedule();
  }

  #positions(streams: Iterable<Stream>): ReadonlyMap<Stream, Position> {
    const { state } = this.#dependencies;
    return new Map([...streams].map((stream) => [stream, state.position(stream, state.head(stream))]));
  }

  #notify(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call } of [...this.#listeners]) {
      try {
        call(events);
      } catch (error) {
        this.#dependencies.options.log('warn', 'A listener failed at committed events.', { error });
      }
    }
  }

  async #close(): Promise<void> {
    const { journal, checkpoints, space, ownership, options } = this.#dependencies;
    await this.#queue.idle();
    await space.stop();
    await checkpoints.stop();
    await journal.close();
    if (journal.fatalError === undefined && this.notWritable === undefined) {
      const warning =
        'The stop had no time to write all entity files. The journal has every change, and the next start writes them.';
      await checkpoints
        .writeFinal(options.closeTimeoutMs)
        .catch((error) => options.log('warn', warning, { error }));
    }
    await ownership.release().catch((error) => {
      options.log('warn', 'The data folder was not given back; it belongs to another process.', { error });
    });
  }
}

/** Runs the work again when files of a log were removed while it read them: the second run sees a newer state. */
async function retryOnce<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FileGoneError)) throw error;
    return work();
  }
}

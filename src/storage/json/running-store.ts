import type {
  Committed,
  EventRecord,
  Reader,
  Store,
  StoreHealth,
  Transaction,
} from '../../application/store/store.ts';
import type { Position, Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { Permit } from '../transaction-scope.ts';
import type { CheckpointTimer } from './checkpoint/checkpoint-timer.ts';
import type { SpaceWatch } from './disk/space-watch.ts';
import type { Ownership } from './folder/folder-lock.ts';
import type { Journal } from './journal/journal.ts';
import { encodeTransaction } from './journal/transaction-record.ts';
import type { CompleteOptions } from './json-store-options.ts';
import type { LogFiles } from './logs/log-cache.ts';
import { FileGoneError } from './logs/log-segment.ts';
import { SerialQueue } from './serial-queue.ts';
import { eventsOfTransaction } from './state/event-line.ts';
import type { StoredState } from './state/stored-state.ts';
import { View } from './view/snapshot-view.ts';
import { readerOf } from './view/stored-reader.ts';
import { transactionOf } from './view/stored-transaction.ts';
import { Draft } from './view/write-set.ts';
import { within } from './with-timeout.ts';

/** What an open store is made of. */
export interface StoreParts {
  readonly options: CompleteOptions;
  readonly ownership: Ownership;
  readonly state: StoredState;
  readonly logs: LogFiles;
  readonly journal: Journal;
  readonly checkpoints: CheckpointTimer;
  readonly space: SpaceWatch;
}

type Listener = (events: readonly EventRecord[]) => void;

/** A store on JSON files: everything in memory, committed by the journal, and written to files from time to time. */
export class RunningStore implements Store {
  readonly #parts: StoreParts;
  readonly #queue = new SerialQueue();
  readonly #listeners = new Set<{ readonly call: Listener }>();
  #closing: Promise<void> | undefined;
  /** Why the last checkpoint failed, undefined when it did not. */
  checkpointFailure: unknown;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#assertOpen();
    this.#assertOwner();
    return onceMore(() => this.#look(work));
  }

  async transaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    this.#assertOpen();
    let seen = 0;
    try {
      return await this.#queue.run(async () => {
        try {
          return await onceMore(() => this.#run(actor, work));
        } finally {
          seen = this.#parts.state.tx;
        }
      });
    } finally {
      // What was committed here, or what a refusal was decided on.
      await this.#parts.journal.barrier(seen);
    }
  }

  onCommit(listener: Listener): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  health(): StoreHealth {
    const { journal, space } = this.#parts;
    if (journal.failure !== undefined) return { status: 'failed', detail: journal.failure.message };
    if (this.#isFull) return { status: 'full', detail: 'There is no space left to commit changes.' };
    if (space.isLow) return { status: 'degraded', detail: 'There is little space left on the disk.' };
    if (this.checkpointFailure === undefined) return { status: 'ok' };
    return { status: 'degraded', detail: `The last checkpoint failed: ${String(this.checkpointFailure)}` };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #isFull(): boolean {
    const { journal, options, space } = this.#parts;
    return space.isFull || journal.bytes >= options.journalBytes;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new AppError('NOT_READY', 'The store is closed.');
    if (this.#parts.journal.failure !== undefined) throw this.#parts.journal.failure;
  }

  /** Throws STORE_FAILED, and stops for good, once another process owns the folder; it may have for 100 ms. */
  #assertOwner(): void {
    const { ownership, journal } = this.#parts;
    try {
      ownership.fence.glance();
    } catch (error) {
      throw journal.fail(error);
    }
  }

  async #look<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const { state, logs, options, journal } = this.#parts;
    const view = new View(state, logs);
    const permit = new Permit();
    try {
      return await work(readerOf(view, permit, options.retention));
    } finally {
      permit.end();
      view.release();
      await journal.barrier(view.tx);
    }
  }

  /** Runs the work and applies what it did; that is committed when the journal says so. */
  async #run<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    const { state, logs, options, journal } = this.#parts;
    if (journal.failure !== undefined) throw journal.failure;
    const draft = new Draft(state, logs);
    const permit = new Permit();
    const now = options.now();
    let value: T;
    try {
      value = await within(options.workMs, work(transactionOf(draft, permit, now, options.retention)));
    } finally {
      permit.end();
    }
    this.#commit(draft, now, actor);
    return { value, positions: this.#positions(permit.locked) };
  }

  #commit(draft: Draft, at: number, by: string): void {
    const { state, journal, checkpoints, options } = this.#parts;
    const [changes, events] = [draft.changes(), draft.events()];
    if (changes.length === 0 && events.length === 0) return;
    if (journal.failure !== undefined) throw journal.failure;
    if (this.#isFull) {
      throw new AppError(
        'STORAGE_FULL',
        'There is no space left to commit changes; free some and try again.',
      );
    }
    const record = { tx: state.tx + 1, at, by, changes, events };
    const text = encodeTransaction(record);
    state.apply(record);
    journal.append(record.tx, text, () => this.#tell(eventsOfTransaction(record)));
    if (journal.bytes >= options.checkpointBytes) checkpoints.now();
    else checkpoints.changed();
  }

  #positions(streams: Iterable<Stream>): ReadonlyMap<Stream, Position> {
    const { state } = this.#parts;
    return new Map([...streams].map((stream) => [stream, state.position(stream, state.head(stream))]));
  }

  #tell(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call } of [...this.#listeners]) {
      try {
        call(events);
      } catch (error) {
        this.#parts.options.log('warn', 'A listener failed at committed events.', { error });
      }
    }
  }

  async #close(): Promise<void> {
    const { journal, checkpoints, space, ownership, options } = this.#parts;
    await this.#queue.idle();
    space.stop();
    await checkpoints.stop();
    await journal.close();
    if (journal.failure === undefined) {
      const told =
        'The entity files are behind, as the stop had no time for all of them; the journal has everything, and the next start writes them.';
      await checkpoints.finish(options.closeMs).catch((error) => options.log('warn', told, { error }));
    }
    await ownership.release().catch((error) => {
      options.log('warn', 'The data folder was not given back; it belongs to another process.', { error });
    });
  }
}

/** Begins anew when a log was dropped or expired and its files were taken away meanwhile: the next look is newer. */
async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FileGoneError)) throw error;
    return work();
  }
}

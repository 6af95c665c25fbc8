import { AppError } from '../../../domain/errors.ts';
import type { JournalSegments } from './journal-segments.ts';

interface Entry {
  readonly tx: number;
  readonly text: string;
  /** Called when it is durable, before anybody who waits for that goes on. */
  readonly done: () => void;
}

/** A place between two transactions at which a new segment is to begin. */
interface Cut {
  readonly resolve: (segment: string) => void;
  readonly reject: (reason: unknown) => void;
}

interface Waiter {
  readonly tx: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const batchBytes = 8 * 1024 * 1024;

/**
 * The redo journal: the only place where a transaction is committed. Those that come while others are being synced go
 * together in the next batch. After the first failure it does nothing more, as nobody can know what is on the disk.
 */
export class Journal {
  readonly #segments: JournalSegments;
  readonly #segmentBytes: number;
  readonly #onFailure: (failure: AppError) => void;
  #durable: number;
  readonly #pending: (Entry | Cut)[] = [];
  #waiters: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #failure: AppError | undefined;

  /** `durable` is the newest transaction that is on the disk already; a segment ends at so many bytes. */
  constructor(
    segments: JournalSegments,
    durable: number,
    segmentBytes: number,
    onFailure: (failure: AppError) => void,
  ) {
    this.#segments = segments;
    this.#durable = durable;
    this.#segmentBytes = segmentBytes;
    this.#onFailure = onFailure;
  }

  /** How many bytes there are that no checkpoint has made superfluous. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** Why nothing can be committed any more, undefined as long as all is well. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** Commits the next transaction as soon as possible; `done` is called when it is durable. */
  append(tx: number, text: string, done: () => void): void {
    if (this.#failure === undefined) this.#push({ tx, text, done });
  }

  /** Resolves when the transaction is durable; undefined when it is already. Rejects with STORE_FAILED. */
  barrier(tx: number): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (tx <= this.#durable) return undefined;
    return new Promise((resolve, reject) => this.#waiters.push({ tx, resolve, reject }));
  }

  /** Lets a segment begin behind everything appended so far; resolves to its name when it has begun. */
  cut(): Promise<string> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#push({ resolve, reject }));
  }

  /** Removes the segments before this one, all for null. */
  trim(segment: string | null): Promise<void> {
    return this.#segments.trim(segment);
  }

  /** Stops for good: everybody who waits, now or later, is told. Returns what they are told. */
  fail(cause: unknown): AppError {
    if (this.#failure !== undefined) return this.#failure;
    const message =
      'The store has stopped, as it could not be sure of what is on the disk; restart the server.';
    const failure = new AppError('STORE_FAILED', message, undefined, cause);
    this.#failure = failure;
    const cuts = this.#pending.splice(0).filter((entry) => 'reject' in entry);
    for (const waiter of [...cuts, ...this.#waiters.splice(0)]) waiter.reject(failure);
    this.#onFailure(failure);
    return failure;
  }

  /** Lets go of the file once everything appended is durable or has failed. */
  async close(): Promise<void> {
    await this.#flushing;
    // When it has failed the file may not even close.
    await this.#segments.close().catch((error: unknown) => this.fail(error));
  }

  #push(entry: Entry | Cut): void {
    this.#pending.push(entry);
    // Those that commit in the same turn of the event loop share a batch.
    this.#flushing ??= new Promise((resolve) => setImmediate(() => resolve(this.#flush())));
  }

  async #flush(): Promise<void> {
    try {
      for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
        if ('text' in next) await this.#writeBatch(this.#take());
        else {
          if (this.#segments.current.batches > 0) await this.#segments.begin(this.#durable);
          // Nobody but a failure takes anything out meanwhile.
          if (this.#pending.shift() === next) next.resolve(this.#segments.current.name);
        }
      }
    } catch (error) {
      this.fail(error);
    }
    this.#flushing = undefined;
  }

  #take(): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#pending) {
      if (!('text' in entry) || bytes > batchBytes) break;
      batch.push(entry);
      bytes += entry.text.length;
    }
    this.#pending.splice(0, batch.length);
    return batch;
  }

  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    if (this.#segments.current.bytes >= this.#segmentBytes) await this.#segments.begin(this.#durable);
    await this.#segments.write(batch.map((entry) => entry.text));
    if (this.#failure !== undefined) return;
    this.#durable = batch.at(-1)?.tx ?? this.#durable;
    for (const entry of batch) entry.done();
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      if (waiter.tx <= this.#durable) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

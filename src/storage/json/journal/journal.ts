import { AppError } from '../../../domain/errors.ts';
import type { JournalSegments } from './journal-segments.ts';

interface PendingTransaction {
  readonly tx: number;
  readonly text: string;
  readonly bytes: number;
  /** Called when it is durable, before anybody who waits for that goes on. */
  readonly onDurable: () => void;
}

/** A place between two transactions at which a new segment is to begin. */
interface RotationRequest {
  readonly resolve: (segment: string) => void;
  readonly reject: (reason: unknown) => void;
}

interface Waiter {
  readonly tx: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const maxBatchBytes = 8 * 1024 * 1024;

/**
 * The redo journal: the only place where a transaction is committed. Those that come while others are being synced go
 * together in the next batch. After the first failure it does nothing more, as nobody can know what is on the disk.
 */
export class Journal {
  readonly #segments: JournalSegments;
  readonly #segmentBytes: number;
  readonly #onFatalError: (failure: AppError) => void;
  #durableTx: number;
  readonly #pending: (PendingTransaction | RotationRequest)[] = [];
  #pendingBytes = 0;
  #waiters: Waiter[] = [];
  #flushing: Promise<void> | undefined;
  #fatalError: AppError | undefined;

  /** `durable` is the newest transaction that is on the disk already; a segment ends at so many bytes. */
  constructor(
    segments: JournalSegments,
    durable: number,
    segmentBytes: number,
    onFailure: (failure: AppError) => void,
  ) {
    this.#segments = segments;
    this.#durableTx = durable;
    this.#segmentBytes = segmentBytes;
    this.#onFatalError = onFailure;
  }

  /** How many bytes there are that no checkpoint has made superfluous. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** How many bytes wait to be written. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Why nothing can be committed any more, undefined as long as all is well. */
  get fatalError(): AppError | undefined {
    return this.#fatalError;
  }

  /** Commits the next transaction as soon as possible; `done` is called when it is durable. */
  append(tx: number, text: string, bytes: number, done: () => void): void {
    if (this.#fatalError !== undefined) return;
    this.#pendingBytes += bytes;
    this.#push({ tx, text, bytes, onDurable: done });
  }

  /** Resolves when the transaction is durable; undefined when it is already. Rejects with STORE_FAILED. */
  waitUntilDurable(tx: number): Promise<void> | undefined {
    if (this.#fatalError !== undefined) return Promise.reject(this.#fatalError);
    if (tx <= this.#durableTx) return undefined;
    return new Promise((resolve, reject) => this.#waiters.push({ tx, resolve, reject }));
  }

  /** Lets a segment begin behind everything appended so far; resolves to its name when it has begun. */
  rotate(): Promise<string> {
    if (this.#fatalError !== undefined) return Promise.reject(this.#fatalError);
    return new Promise((resolve, reject) => this.#push({ resolve, reject }));
  }

  /** Removes the segments before this one, all for null. */
  trim(segment: string | null): Promise<void> {
    return this.#segments.trim(segment);
  }

  /** Stops for good: everybody who waits, now or later, is told. Returns what they are told. */
  fail(cause: unknown): AppError {
    if (this.#fatalError !== undefined) return this.#fatalError;
    const message =
      'The store has stopped, as it could not be sure of what is on the disk; restart the server.';
    const failure = new AppError('STORE_FAILED', message, undefined, cause);
    this.#fatalError = failure;
    const cuts = this.#pending.splice(0).filter((entry) => 'reject' in entry);
    for (const waiter of [...cuts, ...this.#waiters.splice(0)]) waiter.reject(failure);
    this.#onFatalError(failure);
    return failure;
  }

  /** Lets go of the file once everything appended is durable or has failed. */
  async close(): Promise<void> {
    await this.#flushing;
    // When it has failed the file may not even close.
    await this.#segments.close().catch((error: unknown) => this.fail(error));
  }

  #push(entry: PendingTransaction | RotationRequest): void {
    this.#pending.push(entry);
    // Those that commit in the same turn of the event loop share a batch.
    this.#flushing ??= new Promise((resolve) => setImmediate(() => resolve(this.#flush())));
  }

  async #flush(): Promise<void> {
    try {
      for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
        if ('text' in next) await this.#writeBatch(this.#takeBatch());
        else {
          if (this.#segments.current.batches > 0) await this.#segments.beginSegment(this.#durableTx);
          // Nobody but a failure takes anything out meanwhile.
          if (this.#pending.shift() === next) next.resolve(this.#segments.current.name);
        }
      }
    } catch (error) {
      this.fail(error);
    }
    this.#flushing = undefined;
  }

  #takeBatch(): PendingTransaction[] {
    const batch: PendingTransaction[] = [];
    let bytes = 0;
    for (const entry of this.#pending) {
      if (!('text' in entry) || bytes > maxBatchBytes) break;
      batch.push(entry);
      bytes += entry.bytes;
    }
    this.#pending.splice(0, batch.length);
    return batch;
  }

  async #writeBatch(batch: readonly PendingTransaction[]): Promise<void> {
    if (this.#segments.current.bytes >= this.#segmentBytes)
      await this.#segments.beginSegment(this.#durableTx);
    await this.#segments.writeBatch(batch.map((entry) => entry.text));
    for (const entry of batch) this.#pendingBytes -= entry.bytes;
    if (this.#fatalError !== undefined) return;
    this.#durableTx = batch.at(-1)?.tx ?? this.#durableTx;
    for (const entry of batch) entry.onDurable();
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      if (waiter.tx <= this.#durableTx) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

import type { Checkpoint } from './checkpoint.ts';

const concurrency = 2;
const finalConcurrency = 8;
/** Quicker than any disk: more files than that in the time is hopeless. */
const maxFilesPerMs = 4;
const initialRetryDelayMs = 1_000;
const maxRetryDelayMs = 60_000;

/** When checkpoints are written, and who hears how they went. */
export interface CheckpointTimerOptions {
  /** At the latest so long after a change, in milliseconds. */
  readonly maxDelayMs: number;
  /** Hears of a failure, which will be tried again, and of undefined when one succeeded. */
  readonly onOutcome: (failure: unknown) => void;
}

/** Writes checkpoints one at a time: some time after a change, when it is told to, and once more at the end. */
export class CheckpointTimer {
  readonly #checkpoint: Checkpoint;
  readonly #options: CheckpointTimerOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #retryDelayMs = 0;
  #isBackingOff = false;
  readonly #stop = new AbortController();

  constructor(checkpoint: Checkpoint, timing: CheckpointTimerOptions) {
    this.#checkpoint = checkpoint;
    this.#options = timing;
  }

  /** Sees to it that a checkpoint comes within the time. */
  schedule(): void {
    if (this.#timer === undefined && this.#running === undefined) this.#startTimer(this.#options.maxDelayMs);
  }

  /** Writes one now, unless one is being written or the last one failed a moment ago. */
  runNow(): void {
    if (this.#running === undefined && !this.#isBackingOff) this.#write();
  }

  /** Ends the writing; resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  /**
   * Writes the last one within the time, after `stop`. Throws when that did not succeed, and at once when it cannot: the
   * journal has everything.
   */
  async writeFinal(budgetMs: number): Promise<void> {
    const { dirtyEntityCount } = this.#checkpoint;
    if (dirtyEntityCount > budgetMs * maxFilesPerMs)
      throw new Error(`There is no time for ${dirtyEntityCount} files.`);
    const signal = AbortSignal.timeout(budgetMs);
    await this.#checkpoint.write({ concurrency: finalConcurrency, isFinal: true, signal });
    this.#options.onOutcome(undefined);
  }

  #startTimer(milliseconds: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => this.#write(), milliseconds).unref();
  }

  #write(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isBackingOff = false;
    // It uses half of the threads that Node has for files: the journal never waits for one.
    this.#running = this.#checkpoint.write({ concurrency: concurrency, signal: this.#stop.signal }).then(
      () => this.#onEnded(undefined),
      (failure: unknown) => this.#onEnded(failure),
    );
  }

  #onEnded(failure: unknown): void {
    this.#running = undefined;
    if (this.#stop.signal.aborted) return;
    this.#options.onOutcome(failure);
    if (failure === undefined) {
      this.#retryDelayMs = 0;
      if (this.#checkpoint.isDue) this.schedule();
    } else {
      this.#isBackingOff = true;
      const first = Math.min(initialRetryDelayMs, this.#options.maxDelayMs);
      this.#retryDelayMs = Math.min(Math.max(this.#retryDelayMs * 2, first), maxRetryDelayMs);
      this.#startTimer(this.#retryDelayMs);
    }
  }
}

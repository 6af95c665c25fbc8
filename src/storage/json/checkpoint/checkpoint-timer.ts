import type { Checkpoint } from './checkpoint.ts';

const inParallel = 2;
const inParallelAtEnd = 8;
/** Quicker than any disk: more files than that in the time is hopeless. */
const mostPerMs = 4;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** When checkpoints are written, and who hears how they went. */
export interface CheckpointTiming {
  /** At the latest so long after a change, in milliseconds. */
  readonly everyMs: number;
  /** Hears of a failure, which will be tried again, and of undefined when one succeeded. */
  readonly onOutcome: (failure: unknown) => void;
}

/** Writes checkpoints one at a time: some time after a change, when it is told to, and once more at the end. */
export class CheckpointTimer {
  readonly #checkpoint: Checkpoint;
  readonly #timing: CheckpointTiming;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #pauseMs = 0;
  #recovering = false;
  readonly #stop = new AbortController();

  constructor(checkpoint: Checkpoint, timing: CheckpointTiming) {
    this.#checkpoint = checkpoint;
    this.#timing = timing;
  }

  /** Sees to it that a checkpoint comes within the time. */
  changed(): void {
    if (this.#timer === undefined && this.#running === undefined) this.#after(this.#timing.everyMs);
  }

  /** Writes one now, unless one is being written or the last one failed a moment ago. */
  now(): void {
    if (this.#running === undefined && !this.#recovering) this.#write();
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
  async finish(budgetMs: number): Promise<void> {
    const { size } = this.#checkpoint;
    if (size > budgetMs * mostPerMs) throw new Error(`There is no time for ${size} files.`);
    const signal = AbortSignal.timeout(budgetMs);
    await this.#checkpoint.write({ parallel: inParallelAtEnd, final: true, signal });
    this.#timing.onOutcome(undefined);
  }

  #after(milliseconds: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => this.#write(), milliseconds).unref();
  }

  #write(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#recovering = false;
    // It uses half of the threads that Node has for files: the journal never waits for one.
    this.#running = this.#checkpoint.write({ parallel: inParallel, signal: this.#stop.signal }).then(
      () => this.#ended(undefined),
      (failure: unknown) => this.#ended(failure),
    );
  }

  #ended(failure: unknown): void {
    this.#running = undefined;
    if (this.#stop.signal.aborted) return;
    this.#timing.onOutcome(failure);
    if (failure === undefined) {
      this.#pauseMs = 0;
      if (this.#checkpoint.isDue) this.changed();
    } else {
      this.#recovering = true;
      const first = Math.min(firstPauseMs, this.#timing.everyMs);
      this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, first), longestPauseMs);
      this.#after(this.#pauseMs);
    }
  }
}

import type { FileSystem } from './file-system.ts';

/** Which disk is measured, and what is too little. */
export interface DiskSpaceOptions {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly lowFreeBytes: number;
  readonly minFreeBytes: number;
  readonly spaceCheckMs: number;
}

/** A measurement that is older is taken again when something is written. */
const staleMs = 500;

/**
 * Knows how much space is free, so that changes are refused before the disk is full: it measures from time to time, and
 * counts what is written in between.
 */
export class DiskSpaceMonitor {
  readonly #options: DiskSpaceOptions;
  /** Does something after each measurement that the timer asked for. */
  onMeasured: () => Promise<void> = async () => {};
  #measuredBytes = Number.POSITIVE_INFINITY;
  #measuredAt = 0;
  #writtenSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
  }

  /** How many bytes are free. */
  get freeBytes(): number {
    return this.#measuredBytes - this.#writtenSince;
  }

  get isLow(): boolean {
    return this.freeBytes < this.#options.lowFreeBytes;
  }

  get isFull(): boolean {
    return !this.hasRoomFor(0);
  }

  /** Whether so many bytes can be written and the least is left that has to stay free. */
  hasRoomFor(bytes: number): boolean {
    return this.freeBytes - bytes >= this.#options.minFreeBytes;
  }

  /** Counts bytes that were written. */
  countWrite(bytes: number): void {
    this.#writtenSince += bytes;
    // Others write to the disk too, and what was removed is free again.
    if (this.#timer !== undefined && performance.now() - this.#measuredAt > staleMs) void this.measure();
  }

  /** Measures, and then does so from time to time. */
  async start(): Promise<void> {
    await this.measure();
    this.#timer = setInterval(() => this.#onTimer(), this.#options.spaceCheckMs).unref();
  }

  /** Measures no more; resolves when nothing is being done any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** Finds out how much is free now. */
  async measure(): Promise<void> {
    this.#measuredAt = performance.now();
    const counted = this.#writtenSince;
    try {
      this.#measuredBytes = (await this.#options.files.volume(this.#options.dataDir)).freeBytes;
      // What was written meanwhile may be in the measurement or not.
      this.#writtenSince -= counted;
    } catch {
      // Where it cannot be known, a full disk is noticed by the journal, which stops the store.
      this.#measuredBytes = Number.POSITIVE_INFINITY;
      this.#writtenSince = 0;
    }
  }

  #onTimer(): void {
    this.#running ??= this.measure()
      .then(() => this.onMeasured())
      .finally(() => {
        this.#running = undefined;
      });
  }
}

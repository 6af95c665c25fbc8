import type { FileSystem } from './file-system.ts';

/** Where it is looked, and what is too little. */
export interface DiskSpaceOptions {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly lowFreeBytes: number;
  readonly minFreeBytes: number;
  readonly spaceCheckMs: number;
}

/** Looks from time to time how much space is free, so that changes are refused before the disk is full. */
export class DiskSpaceMonitor {
  readonly #options: DiskSpaceOptions;
  #freeBytes = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: DiskSpaceOptions) {
    this.#options = limits;
  }

  get isLow(): boolean {
    return this.#freeBytes < this.#options.lowFreeBytes;
  }

  get isFull(): boolean {
    return this.#freeBytes < this.#options.minFreeBytes;
  }

  /** Begins to look; resolves when the first look was taken. */
  async start(): Promise<void> {
    await this.#check();
    this.#timer = setInterval(() => void this.#check(), this.#options.spaceCheckMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      this.#freeBytes = (await this.#options.files.volume(this.#options.dataDir)).freeBytes;
    } catch {
      // Where it cannot be known, a full disk is noticed by the journal, which stops the store.
      this.#freeBytes = Number.POSITIVE_INFINITY;
    }
  }
}

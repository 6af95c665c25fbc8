import type { FileSystem } from './file-system.ts';

/** Where it is looked, and what is too little. */
export interface SpaceLimits {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly lowSpace: number;
  readonly leastSpace: number;
  readonly spaceMs: number;
}

/** Looks from time to time how much space is free, so that changes are refused before the disk is full. */
export class SpaceWatch {
  readonly #limits: SpaceLimits;
  #free = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: SpaceLimits) {
    this.#limits = limits;
  }

  get isLow(): boolean {
    return this.#free < this.#limits.lowSpace;
  }

  get isFull(): boolean {
    return this.#free < this.#limits.leastSpace;
  }

  /** Begins to look; resolves when the first look was taken. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), this.#limits.spaceMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      this.#free = (await this.#limits.files.volume(this.#limits.dataDir)).freeBytes;
    } catch {
      // Where it cannot be known, a full disk is noticed by the journal, which stops the store.
      this.#free = Number.POSITIVE_INFINITY;
    }
  }
}

import { join } from 'node:path';
import type { FileSystem } from '../disk/file-system.ts';
import { termPath } from './store-layout.ts';

const recheckMs = 100;

/** Why a process that was replaced does nothing more. */
class FencedError extends Error {
  constructor(term: number, reason: string) {
    super(`Term ${term} is over: ${reason}.`);
    this.name = 'FencedError';
  }
}

/**
 * Tells whether this process still owns the data folder. A successor claims the next term before it reads anything, so
 * what was synced before a check that passes is seen by every successor.
 */
export class Fence {
  readonly term: number;
  readonly #files: FileSystem;
  readonly #nextTermPath: string;
  #lostReason: string | undefined;
  #lastCheck = 0;

  constructor(files: FileSystem, root: string, term: number) {
    this.term = term;
    this.#files = files;
    this.#nextTermPath = join(root, termPath(term + 1));
  }

  /** Throws FencedError once another process has taken the folder over. */
  assertOwned(): void {
    if (this.#lostReason === undefined && this.#files.stat(this.#nextTermPath) !== undefined) {
      this.#lostReason = 'another process has taken the data folder over';
    }
    if (this.#lostReason !== undefined) throw new FencedError(this.term, this.#lostReason);
    this.#lastCheck = performance.now();
  }

  /** As `assert`, looking at most every 100 ms: for reads, which may be stale by so much. */
  assertRecently(): void {
    if (this.#lostReason !== undefined || performance.now() - this.#lastCheck > recheckMs) this.assertOwned();
  }

  /** From now on every check throws. */
  close(reason: string): void {
    this.#lostReason ??= reason;
  }
}

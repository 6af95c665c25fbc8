import { join } from 'node:path';
import type { FileSystem } from '../disk/file-system.ts';
import { termPath } from './store-layout.ts';

const glanceMs = 100;

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
  readonly #next: string;
  #lost: string | undefined;
  #checked = 0;

  constructor(files: FileSystem, root: string, term: number) {
    this.term = term;
    this.#files = files;
    this.#next = join(root, termPath(term + 1));
  }

  /** Throws FencedError once another process has taken the folder over. */
  assert(): void {
    if (this.#lost === undefined && this.#files.stat(this.#next) !== undefined) {
      this.#lost = 'another process has taken the data folder over';
    }
    if (this.#lost !== undefined) throw new FencedError(this.term, this.#lost);
    this.#checked = performance.now();
  }

  /** As `assert`, looking at most every 100 ms: for reads, which may be stale by so much. */
  glance(): void {
    if (this.#lost !== undefined || performance.now() - this.#checked > glanceMs) this.assert();
  }

  /** From now on every check throws. */
  close(reason: string): void {
    this.#lost ??= reason;
  }
}

import { setImmediate } from 'node:timers/promises';
import { parseChannel, type Stream, streamOfProject } from '../domain/channel.ts';
import { AppError } from '../domain/errors.ts';
import { idPattern } from '../domain/values/id.ts';

/** For how many milliseconds work goes on before it lets others have their turn. */
const sliceMs = 10;

/** What one piece of work may do until it ends: it knows the streams that it locked. */
export abstract class WorkScope {
  abstract readonly lockedStreams: { has(stream: Stream): boolean };
  #ended = false;

  /** Ends the scope: every further use throws. */
  end(): void {
    this.#ended = true;
  }

  /** Throws INTERNAL_ERROR when the work is over. */
  assertOpen(): void {
    if (!this.#ended) return;
    throw new AppError(
      'INTERNAL_ERROR',
      'This work has ended; use its view only inside of it, and await every use.',
    );
  }

  /** Throws INTERNAL_ERROR unless the stream of this project is locked; undefined is nobody's and needs no lock. */
  assertLocked(projectId: string | null | undefined): void {
    if (projectId !== undefined) this.assertStreamLocked(streamOfProject(projectId));
  }

  /** Throws INTERNAL_ERROR unless the stream is locked. */
  assertStreamLocked(stream: Stream): void {
    if (this.lockedStreams.has(stream)) return;
    throw new AppError('INTERNAL_ERROR', `A change in ${stream} has to come after a lock of ${stream}.`);
  }
}

/** The scope of work on what is in memory, which lets others have their turn when it takes long. */
export class TransactionScope extends WorkScope {
  readonly lockedStreams = new Set<Stream>();
  #sliceEnd = performance.now() + sliceMs;

  /**
   * Throws INTERNAL_ERROR when the work is over. Work that has run for long lets everything else that waits have its turn
   * first: however much one use case reads and writes, requests of others are answered meanwhile.
   */
  async enter(): Promise<void> {
    this.assertOpen();
    if (performance.now() < this.#sliceEnd) return;
    await setImmediate();
    this.#sliceEnd = performance.now() + sliceMs;
    this.assertOpen();
  }

  /** Allows changes in the stream. Throws VALIDATION_ERROR when that is no name of a stream. */
  lock(stream: Stream): void {
    this.assertOpen();
    assertStream(stream);
    this.lockedStreams.add(stream);
  }
}

/** Whether this is an id: nothing is kept under what is none. */
export function isId(id: string): boolean {
  return idPattern.test(id);
}

/** Throws VALIDATION_ERROR unless this is an id, which is safe as a part of a path. */
export function assertId(id: string): void {
  if (isId(id)) return;
  throw new AppError('VALIDATION_ERROR', 'An id is 1 to 128 letters, digits, "_" or "-".');
}

/** Throws VALIDATION_ERROR unless this is `workspace` or `project:<id>`. */
export function assertStream(stream: Stream): void {
  if (stream === 'workspace' || (stream.startsWith('project:') && parseChannel(stream) !== undefined)) return;
  throw new AppError('VALIDATION_ERROR', 'A stream is "workspace" or "project:" and an id.');
}

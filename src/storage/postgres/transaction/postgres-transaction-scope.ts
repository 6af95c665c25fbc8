import { type Stream, streamOfProject } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';

/** A stream as it was when it was locked; in the database its `seq` is one higher until the transaction ends. */
export interface LockedStream {
  readonly epoch: string;
  readonly seq: number;
  /** The events up to this number are no longer kept. */
  readonly pruned_to: number;
  /** When the oldest kept event was committed, in epoch milliseconds; null when unknown. */
  readonly oldest_at: number | null;
}

/** The state of one transaction on its connection: the streams it has locked, and whether it has ended. */
export class PostgresTransactionScope {
  readonly lockedStreams = new Map<Stream, LockedStream>();
  /** Whether anything was changed. */
  hasWrites = false;
  /** Whether this run follows a failed one; inserts then wait for the answer of the database. */
  readonly isRetry: boolean;
  readonly #connection: DatabaseConnection;
  #ended = false;

  constructor(connection: DatabaseConnection, isRetry: boolean) {
    this.#connection = connection;
    this.isRetry = isRetry;
  }

  /** The connection. Throws INTERNAL_ERROR after the end of the work. */
  get connection(): DatabaseConnection {
    if (!this.#ended) return this.#connection;
    throw new AppError(
      'INTERNAL_ERROR',
      'This work has ended; use its view only inside of it, and await every use.',
    );
  }

  /** Ends the scope: every further use throws. */
  end(): void {
    this.#ended = true;
  }

  /** Throws INTERNAL_ERROR unless the stream of this project is locked; undefined needs no lock. */
  assertLocked(projectId: string | null | undefined): void {
    if (projectId !== undefined) this.assertStreamLocked(streamOfProject(projectId));
  }

  /** Throws INTERNAL_ERROR unless the stream is locked. */
  assertStreamLocked(stream: Stream): void {
    if (this.lockedStreams.has(stream)) return;
    throw new AppError('INTERNAL_ERROR', `A change in ${stream} has to come after a lock of ${stream}.`);
  }
}

import { type Stream, streamOfProject } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';

/** Where a stream stood when it was locked; in the database it is one further until the transaction ends. */
export interface LockedStream {
  readonly epoch: string;
  readonly seq: number;
  /** The events up to this one are no longer kept. */
  readonly pruned_to: number;
  /** When the first event that is kept was committed; null when that is not known. */
  readonly oldest_at: number | null;
}

/** What one piece of work may do on its connection, until it ends: it knows the streams that the work has locked. */
export class PostgresTransactionScope {
  readonly lockedStreams = new Map<Stream, LockedStream>();
  /** Whether anything was changed. */
  hasWrites = false;
  /** Whether each change waits for what the database says of it, as in a run behind one that took too much for granted. */
  readonly isRetry: boolean;
  readonly #connection: DatabaseConnection;
  #ended = false;

  constructor(connection: DatabaseConnection, careful: boolean) {
    this.#connection = connection;
    this.isRetry = careful;
  }

  /** The connection. Throws INTERNAL_ERROR when the work is over. */
  get connection(): DatabaseConnection {
    if (!this.#ended) return this.#connection;
    throw new AppError(
      'INTERNAL_ERROR',
      'This work has ended; use its view only inside of it, and await every use.',
    );
  }

  /** From now on everything done in this scope throws. */
  end(): void {
    this.#ended = true;
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

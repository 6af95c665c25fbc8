import type { Stream } from '../../../domain/channel.ts';
import { WorkScope } from '../../transaction-scope.ts';
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
export class PostgresTransactionScope extends WorkScope {
  readonly lockedStreams = new Map<Stream, LockedStream>();
  /** Whether anything was changed. */
  hasWrites = false;
  /** Whether this run follows a failed one; inserts then wait for the answer of the database. */
  readonly isRetry: boolean;
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection, isRetry: boolean) {
    super();
    this.#connection = connection;
    this.isRetry = isRetry;
  }

  /** The connection. Throws INTERNAL_ERROR after the end of the work. */
  get connection(): DatabaseConnection {
    this.assertOpen();
    return this.#connection;
  }
}

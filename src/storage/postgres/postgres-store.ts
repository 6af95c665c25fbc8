import type {
  CommitResult,
  EventRecord,
  Reader,
  Store,
  StoreHealth,
  StreamActivity,
  Transaction,
} from '../../application/store/store.ts';
import { AppError } from '../../domain/errors.ts';
import type { Retention } from '../retention.ts';
import { Database, type DatabaseOptions } from './connection/database.ts';
import type { DatabaseConnection } from './connection/database-connection.ts';
import { retry } from './connection/retry.ts';
import { toStartError } from './connection/to-start-error.ts';
import { EventFollower } from './follow/event-follower.ts';
import { renewHistoryIfSystemChanged } from './schema/history.ts';
import { migrateUp } from './schema/migrate.ts';
import { deleteExpiredCommitMarkers } from './transaction/commit-outcome.ts';
import { runRead, runTransaction } from './transaction/run-transaction.ts';

/** How a store on PostgreSQL is opened. */
export interface PostgresStoreOptions extends DatabaseOptions {
  readonly retention: Retention;
  /** How often to poll for events when no notification comes, in milliseconds. */
  readonly pollMs?: number | undefined;
  /** Called when the history of the database has changed; the process must stop then. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Opens the store in a database, which any number of processes may share, and applies missing migrations. Throws
 * StartError when the database cannot be reached, or has a schema that this server does not know.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const database = new Database(options);
  const follower = new EventFollower(database, options.pollMs ?? 1000, options.onFailure ?? (() => {}));
  try {
    await retry(() => database.use(prepareDatabase));
    await follower.start();
  } catch (error) {
    await follower.stop();
    await database.end();
    throw toStartError(error);
  }
  return new PostgresStore(database, follower, options.retention);
}

async function prepareDatabase(connection: DatabaseConnection): Promise<void> {
  await migrateUp(connection);
  await renewHistoryIfSystemChanged(connection);
  await deleteExpiredCommitMarkers(connection);
}

class PostgresStore implements Store {
  readonly #database: Database;
  readonly #follower: EventFollower;
  readonly #retention: Retention;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(database: Database, follower: EventFollower, retention: Retention) {
    this.#database = database;
    this.#follower = follower;
    this.#retention = retention;
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#run(() => runRead(this.#database, work));
  }

  async transaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>> {
    return this.#run(async () => {
      const committed = await runTransaction(this.#database, actor, this.#retention, work);
      this.#follower.noteCommit(committed.positions);
      return committed;
    });
  }

  onCommit(
    listener: (events: readonly EventRecord[]) => void,
    wants?: (activity: StreamActivity) => boolean,
  ): () => void {
    return this.#follower.listen(listener, wants);
  }

  health(): StoreHealth {
    return this.#follower.health();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#follower.stop();
    await this.#database.end();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new AppError('NOT_READY', 'The store is closed.');
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

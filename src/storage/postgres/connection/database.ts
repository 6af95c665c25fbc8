import pg from 'pg';
import { AppError } from '../../../domain/errors.ts';
import { parseFrozen } from '../../frozen-json.ts';
import { DatabaseClock } from './database-clock.ts';
import { DatabaseConnection, unrefClient } from './database-connection.ts';
import { PostgresError } from './database-errors.ts';

/** How the database is reached, and the limits of its use. */
export interface DatabaseOptions {
  /** A postgres:// URL; when absent, the PG* variables of the environment are used. */
  readonly url?: string | undefined;
  /** A URL that bypasses a pooler, for what needs a session of its own; `url` when absent. */
  readonly directUrl?: string | undefined;
  /** The most connections at once, not counting the one that follows events. */
  readonly poolSize?: number | undefined;
  /** How long to wait for a free connection, in milliseconds. */
  readonly poolWaitMs?: number | undefined;
  readonly limits?: DatabaseTimeouts | undefined;
}

/** After how many milliseconds the database aborts. */
export interface DatabaseTimeouts {
  /** A statement that runs. */
  readonly statementMs: number;
  /** A statement that waits for a lock. */
  readonly lockMs: number;
  /** A transaction that waits for its next statement. */
  readonly idleMs: number;
}

const defaultLimits: DatabaseTimeouts = { statementMs: 5000, lockMs: 2000, idleMs: 10_000 };

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.JSON, parseFrozen],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

const applicationName = 'maestro-server';

/** The connections to one database. */
export class Database {
  readonly clock = new DatabaseClock();
  readonly #pool: pg.Pool;
  readonly #direct: pg.ClientConfig;
  readonly #waitMs: number;
  readonly #answerTimeoutMs: number;
  readonly #connectedAt = new Map<pg.ClientBase, number>();
  /** Connections older than this are not used: they may be as dead as the one that gave no answer. */
  #validSince = Number.NEGATIVE_INFINITY;

  constructor(options: DatabaseOptions) {
    this.#waitMs = options.poolWaitMs ?? 2000;
    const common = {
      types,
      application_name: applicationName,
      connectionTimeoutMillis: this.#waitMs,
      keepAlive: true,
    };
    const { statementMs, lockMs, idleMs } = options.limits ?? defaultLimits;
    this.#answerTimeoutMs = 2 * statementMs;
    this.#pool = new pg.Pool({
      ...common,
      ...connectionConfig(options.url),
      max: options.poolSize ?? 10,
      statement_timeout: statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: idleMs,
    });
    this.#direct = { ...common, ...connectionConfig(options.directUrl ?? options.url) };
    // Idle connections report errors here; without a listener such an error would end the process.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => {
      client.on('error', () => {}).on('end', () => this.#connectedAt.delete(client));
      this.#connectedAt.set(client, performance.now());
    });
  }

  /** Runs the work on a connection. Throws what the work throws, PostgresError, or NOT_READY when none became free. */
  async use<T>(work: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const client = await this.#acquire();
    const connection = this.wrapClient(client);
    try {
      return await work(connection);
    } finally {
      const reusable = await connection.end();
      client.release(!reusable);
    }
  }

  /** A client outside the pool, on the direct URL, not yet connected. */
  createDirectClient(): pg.Client {
    const client = new pg.Client(this.#direct);
    client.on('error', () => {});
    return client;
  }

  /** Wraps the client for use. When an answer times out there, no older connection of the pool is used again. */
  wrapClient(client: pg.Client): DatabaseConnection {
    return new DatabaseConnection(client, this.#answerTimeoutMs, () => {
      this.#validSince = performance.now();
    });
  }

  /** Waits until no connection is in use, and closes them all. */
  async end(): Promise<void> {
    await this.#pool.end();
    for (const client of this.#connectedAt.keys()) unrefClient(client);
  }

  async #acquire(): Promise<pg.PoolClient & pg.Client> {
    for (;;) {
      const client = await this.#connect();
      if ((this.#connectedAt.get(client) ?? this.#validSince) >= this.#validSince) return client;
      client.release(true);
    }
  }

  async #connect(): Promise<pg.PoolClient & pg.Client> {
    const startedAt = performance.now();
    try {
      // The pool creates its clients from this class.
      return (await this.#pool.connect()) as pg.PoolClient & pg.Client;
    } catch (error) {
      if (performance.now() - startedAt < this.#waitMs) throw new PostgresError(error);
      const message = `No connection to the database became free within ${this.#waitMs} ms; try again.`;
      throw new AppError('NOT_READY', message, undefined, error);
    }
  }
}

function connectionConfig(url: string | undefined): pg.ClientConfig {
  return url === undefined ? {} : { connectionString: url };
}

import pg from 'pg';
import { AppError } from '../../../domain/errors.ts';
import { DatabaseClock } from './database-clock.ts';
import { DatabaseConnection, unrefClient } from './database-connection.ts';
import { PostgresError } from './database-errors.ts';
import { parseFrozen } from './postgres-json.ts';

/** How the database is reached and how much is asked of it. */
export interface DatabaseOptions {
  /** A postgres:// URL; without one the PG* variables of the environment say where it is. */
  readonly url?: string | undefined;
  /** The same without a pooler in between, for what needs a connection of its own; the url when absent. */
  readonly directUrl?: string | undefined;
  /** At most so many connections at once, beside the one that follows events. */
  readonly poolSize?: number | undefined;
  /** How long to wait for one of them, in milliseconds. */
  readonly poolWaitMs?: number | undefined;
  readonly limits?: DatabaseTimeouts | undefined;
}

/** How long the database works or waits before it gives up, in milliseconds. */
export interface DatabaseTimeouts {
  /** For one statement. */
  readonly statementMs: number;
  /** For one lock. */
  readonly lockMs: number;
  /** For the next statement of a transaction. */
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
  readonly #open = new Map<pg.ClientBase, number>();
  /** What was connected before may be as dead as the one that gave no answer. */
  #trustedFrom = Number.NEGATIVE_INFINITY;

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
    // A connection that breaks while nobody waits for it says so here; unheard, that would end the process.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => {
      client.on('error', () => {}).on('end', () => this.#open.delete(client));
      this.#open.set(client, performance.now());
    });
  }

  /** Runs the work on a connection. Throws what the work throws, DatabaseFault, or NOT_READY when none became free. */
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

  /** A client of its own to the database itself, not yet connected. */
  createDirectClient(): pg.Client {
    const client = new pg.Client(this.#direct);
    client.on('error', () => {});
    return client;
  }

  /** To use this client with; when the database gives no answer there, no connection that is older is used again. */
  wrapClient(client: pg.Client): DatabaseConnection {
    return new DatabaseConnection(client, this.#answerTimeoutMs, () => {
      this.#trustedFrom = performance.now();
    });
  }

  /** Waits for who still uses a connection, and closes them all. */
  async end(): Promise<void> {
    await this.#pool.end();
    for (const client of this.#open.keys()) unrefClient(client);
  }

  async #acquire(): Promise<pg.PoolClient & pg.Client> {
    for (;;) {
      const client = await this.#connect();
      if ((this.#open.get(client) ?? this.#trustedFrom) >= this.#trustedFrom) return client;
      client.release(true);
    }
  }

  async #connect(): Promise<pg.PoolClient & pg.Client> {
    const asked = performance.now();
    try {
      // The pool makes them of this class.
      return (await this.#pool.connect()) as pg.PoolClient & pg.Client;
    } catch (fault) {
      if (performance.now() - asked < this.#waitMs) throw new PostgresError(fault);
      const message = `No connection to the database became free within ${this.#waitMs} ms; try again.`;
      throw new AppError('NOT_READY', message, undefined, fault);
    }
  }
}

function connectionConfig(url: string | undefined): pg.ClientConfig {
  return url === undefined ? {} : { connectionString: url };
}

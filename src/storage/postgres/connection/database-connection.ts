import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { PostgresError } from './database-errors.ts';
import { type BatchStatement, sendBatch } from './statement-batch.ts';

/** Identifies a transaction in the database: the connection that ran it, and its number on that connection. */
export interface CommitMarker {
  readonly connection: string;
  readonly n: number;
}

const lastCommitMarkers = new WeakMap<pg.Client, CommitMarker>();

/** The most statements of one batch, so that its answer does not take long. */
const maxPipelined = 100;

/** Lets the process end before this client has closed its connection, which never happens on a dead network. */
export function unrefClient(client: pg.ClientBase): void {
  // The types of the driver omit this method.
  (client as pg.ClientBase & { unref(): void }).unref();
}

/**
 * One use of a connection. It runs one statement at a time, and after the first error no further statement, so that no
 * error can be overlooked.
 */
export class DatabaseConnection {
  readonly #client: pg.Client;
  readonly #onTimeout: () => void;
  #answerTimeoutMs: number | undefined;
  readonly #onError = (error: Error) => this.fail(error);
  #last: Promise<unknown> = Promise.resolve();
  /** Statements that wait to be sent with the next one. */
  #pipelined: BatchStatement[] = [];
  #error: { readonly cause: unknown } | undefined;

  /** When an answer takes longer than `answerTimeoutMs`, the connection is closed and `onTimeout` is called. */
  constructor(client: pg.Client, answerTimeoutMs: number, onTimeout: () => void) {
    this.#client = client;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#onTimeout = onTimeout;
    client.on('error', this.#onError);
  }

  /** Makes the connection fail with this cause, unless it has failed already. */
  fail(cause: unknown): void {
    this.#error ??= { cause };
  }

  /** Throws PostgresError when the connection has failed. */
  assertHealthy(): void {
    if (this.#error !== undefined) throw new PostgresError(this.#error.cause);
  }

  /** Runs one statement and returns its rows. Throws PostgresError. */
  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#enqueue(() => this.#rows({ sql, values, isPrepared: false }));
  }

  /** As `query`, for a statement text that never varies: the database plans it once on each connection. */
  queryPrepared<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#enqueue(() => this.#rows({ sql, values, isPrepared: true }));
  }

  /** Sends the statement, whose text never varies, together with the next one, which then throws the errors of both. */
  pipeline(sql: string, values: readonly unknown[] = []): void {
    const push = async () => {
      this.#pipelined.push({ sql, values, isPrepared: true });
      if (this.#pipelined.length >= maxPipelined) await this.#send();
    };
    this.#enqueue(push).catch(() => {});
  }

  /** Runs a script of several statements without values. Throws PostgresError. */
  async runScript(sql: string): Promise<void> {
    await this.#enqueue(async () => {
      await this.#send();
      await this.#withAnswerTimeout(this.#client.query(sql));
    });
  }

  /** Removes the time limits from the statements of this transaction. Throws PostgresError. */
  async disableTimeouts(): Promise<void> {
    this.#answerTimeoutMs = undefined;
    await this.runScript('set local lock_timeout = 0; set local statement_timeout = 0');
  }

  /** Runs the work as one transaction. Throws what the work throws, or PostgresError. */
  async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.pipeline('begin');
    const value = await work();
    await this.commit();
    return value;
  }

  /** Commits the transaction. Throws PostgresError, also when the database has rolled the transaction back. */
  async commit(): Promise<void> {
    this.assertHealthy();
    await this.#enqueue(async () => {
      const result = await this.#send({ sql: 'commit', values: [], isPrepared: true });
      if (result?.command !== 'COMMIT') {
        throw new Error(`The database answered ${result?.command} to a commit.`);
      }
    });
  }

  /** The marker of the next transaction on this connection. */
  nextCommitMarker(): CommitMarker {
    const { connection, n } = lastCommitMarkers.get(this.#client) ?? { connection: randomUUID(), n: 0 };
    const marker = { connection, n: n + 1 };
    lastCommitMarkers.set(this.#client, marker);
    return marker;
  }

  /** Sends what is still waiting, and waits for every answer; `assertHealthy` throws the errors. */
  async flush(): Promise<void> {
    await this.#enqueue(() => this.#send()).catch(() => {});
  }

  /** Ends the use and rolls back an open transaction; returns whether the connection can be used again. */
  async end(): Promise<boolean> {
    await this.#last;
    // The driver reports an error before the database has said whether a transaction is open.
    const isOpen = this.#error !== undefined || this.#client.getTransactionStatus() !== 'I';
    try {
      if (isOpen) await this.#withAnswerTimeout(this.#client.query('rollback'));
      return true;
    } catch {
      return false;
    } finally {
      this.#client.removeListener('error', this.#onError);
    }
  }

  async #rows<Row extends object>(statement: BatchStatement): Promise<readonly Row[]> {
    const result = await this.#send(statement);
    return result?.rows ?? [];
  }

  /** Sends the waiting statements and then these; returns the result of the last one. */
  async #send(...statements: readonly BatchStatement[]): Promise<pg.QueryResult | undefined> {
    const all = [...this.#pipelined, ...statements];
    this.#pipelined = [];
    if (all.length === 0) return undefined;
    return (await this.#withAnswerTimeout(sendBatch(this.#client, all))).at(-1);
  }

  #enqueue<T>(statement: () => Promise<T>): Promise<T> {
    const running = this.#last.then(async () => {
      this.assertHealthy();
      try {
        return await statement();
      } catch (error) {
        this.fail(error);
        // The first error is the cause of the later ones.
        throw new PostgresError(this.#error?.cause);
      }
    });
    this.#last = running.catch(() => {});
    return running;
  }

  /** Waits for the answer. When it takes too long the connection is closed, even when the network reports nothing. */
  async #withAnswerTimeout<T>(answer: Promise<T>): Promise<T> {
    const timeOut = () => {
      this.fail(new Error('The database gives no answer.'));
      this.#onTimeout();
      // While a statement runs, this closes the socket at once and the statement fails.
      this.#client.end().catch(() => {});
    };
    const timer =
      this.#answerTimeoutMs === undefined ? undefined : setTimeout(timeOut, this.#answerTimeoutMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

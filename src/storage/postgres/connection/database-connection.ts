import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { PostgresError } from './database-errors.ts';
import { type BatchStatement, sendBatch } from './statement-batch.ts';

/** What a transaction leaves in the database to be known by: the connection it ran on, and its number there. */
export interface CommitMarker {
  readonly connection: string;
  readonly n: number;
}

const lastCommitMarkers = new WeakMap<pg.Client, CommitMarker>();

/** So many statements go together at most, so that their answer does not take long. */
const maxPipelined = 100;

/** Lets the process end although this client is not done with its farewell, which a dead network never lets it be. */
export function unrefClient(client: pg.ClientBase): void {
  // The types of the driver leave it out.
  (client as pg.ClientBase & { unref(): void }).unref();
}

/**
 * A connection while somebody uses it, one statement after the other. After its first fault it does nothing more, so
 * that no fault can be overlooked.
 */
export class DatabaseConnection {
  readonly #client: pg.Client;
  readonly #onTimeout: () => void;
  #answerTimeoutMs: number | undefined;
  readonly #onError = (error: Error) => this.fail(error);
  #last: Promise<unknown> = Promise.resolve();
  /** What goes with the next statement. */
  #pipelined: BatchStatement[] = [];
  #error: { readonly cause: unknown } | undefined;

  /** When the database gives no answer for `answerMs` milliseconds the connection is cut, and `onSilence` hears of it. */
  constructor(client: pg.Client, answerTimeoutMs: number, onTimeout: () => void) {
    this.#client = client;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#onTimeout = onTimeout;
    client.on('error', this.#onError);
  }

  /** Notes a fault, unless there was one. */
  fail(cause: unknown): void {
    this.#error ??= { cause };
  }

  /** Throws DatabaseFault when there was a fault. */
  assertHealthy(): void {
    if (this.#error !== undefined) throw new PostgresError(this.#error.cause);
  }

  /** Runs one statement and returns its rows. Throws DatabaseFault. */
  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#enqueue(() => this.#rows({ sql, values, isPrepared: false }));
  }

  /** As query, for a statement that is the same each time: the database plans it once for a connection. */
  queryPrepared<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#enqueue(() => this.#rows({ sql, values, isPrepared: true }));
  }

  /** Has a statement, the same each time, go together with the next one: what fails in it fails with that. */
  pipeline(sql: string, values: readonly unknown[] = []): void {
    const push = async () => {
      this.#pipelined.push({ sql, values, isPrepared: true });
      if (this.#pipelined.length >= maxPipelined) await this.#send();
    };
    this.#enqueue(push).catch(() => {});
  }

  /** Runs statements without values, all in one go. Throws DatabaseFault. */
  async runScript(sql: string): Promise<void> {
    await this.#enqueue(async () => {
      await this.#send();
      await this.#withAnswerTimeout(this.#client.query(sql));
    });
  }

  /** Lets every statement of this transaction take its time. Throws DatabaseFault. */
  async disableTimeouts(): Promise<void> {
    this.#answerTimeoutMs = undefined;
    await this.runScript('set local lock_timeout = 0; set local statement_timeout = 0');
  }

  /** Runs the work as one transaction. Throws what the work throws, or DatabaseFault. */
  async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.pipeline('begin');
    const value = await work();
    await this.commit();
    return value;
  }

  /** Commits the transaction. Throws DatabaseFault, also when there was nothing left to commit. */
  async commit(): Promise<void> {
    this.assertHealthy();
    await this.#enqueue(async () => {
      const result = await this.#send({ sql: 'commit', values: [], isPrepared: true });
      if (result?.command !== 'COMMIT') {
        throw new Error(`The database answered ${result?.command} to a commit.`);
      }
    });
  }

  /** The mark for the next transaction. */
  nextCommitMarker(): CommitMarker {
    const { connection, n } = lastCommitMarkers.get(this.#client) ?? { connection: randomUUID(), n: 0 };
    const mark = { connection, n: n + 1 };
    lastCommitMarkers.set(this.#client, mark);
    return mark;
  }

  /** Sends what has not gone yet, and waits for the answer to all that was sent; assertSound tells of faults. */
  async flush(): Promise<void> {
    await this.#enqueue(() => this.#send()).catch(() => {});
  }

  /** Ends the use; returns whether the connection is good for another. */
  async end(): Promise<boolean> {
    await this.#last;
    // A fault is heard of before the database has said whether it left a transaction open.
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

  /** Sends what is to go ahead, and this; returns the result of the last. */
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
        // What failed first is why the rest did.
        throw new PostgresError(this.#error?.cause);
      }
    });
    this.#last = running.catch(() => {});
    return running;
  }

  /** The answer; when none comes the connection is cut off, however silent the network is about that. */
  async #withAnswerTimeout<T>(answer: Promise<T>): Promise<T> {
    const giveUp = () => {
      this.fail(new Error('The database gives no answer.'));
      this.#onTimeout();
      // In the middle of a statement this does not wait for anybody, and that statement fails.
      this.#client.end().catch(() => {});
    };
    const timer = this.#answerTimeoutMs === undefined ? undefined : setTimeout(giveUp, this.#answerTimeoutMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { DatabaseFault } from './database-errors.ts';
import { type Statement, sendTogether } from './statement-batch.ts';

/** What a transaction leaves in the database to be known by: the connection it ran on, and its number there. */
export interface Mark {
  readonly connection: string;
  readonly n: number;
}

const lastMarks = new WeakMap<pg.Client, Mark>();

/** So many statements go together at most, so that their answer does not take long. */
const mostAhead = 100;

/** Lets the process end although this client is not done with its farewell, which a dead network never lets it be. */
export function letGo(client: pg.ClientBase): void {
  // The types of the driver leave it out.
  (client as pg.ClientBase & { unref(): void }).unref();
}

/**
 * A connection while somebody uses it, one statement after the other. After its first fault it does nothing more, so
 * that no fault can be overlooked.
 */
export class Connection {
  readonly #client: pg.Client;
  readonly #onSilence: () => void;
  #answerMs: number | undefined;
  readonly #onError = (error: Error) => this.fail(error);
  #last: Promise<unknown> = Promise.resolve();
  /** What goes with the next statement. */
  #ahead: Statement[] = [];
  #fault: { readonly cause: unknown } | undefined;

  /** When the database gives no answer for `answerMs` milliseconds the connection is cut, and `onSilence` hears of it. */
  constructor(client: pg.Client, answerMs: number, onSilence: () => void) {
    this.#client = client;
    this.#answerMs = answerMs;
    this.#onSilence = onSilence;
    client.on('error', this.#onError);
  }

  /** Notes a fault, unless there was one. */
  fail(cause: unknown): void {
    this.#fault ??= { cause };
  }

  /** Throws DatabaseFault when there was a fault. */
  assertSound(): void {
    if (this.#fault !== undefined) throw new DatabaseFault(this.#fault.cause);
  }

  /** Runs one statement and returns its rows. Throws DatabaseFault. */
  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#next(() => this.#rows({ sql, values, isKept: false }));
  }

  /** As query, for a statement that is the same each time: the database plans it once for a connection. */
  prepared<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#next(() => this.#rows({ sql, values, isKept: true }));
  }

  /** Has a statement, the same each time, go together with the next one: what fails in it fails with that. */
  ahead(sql: string, values: readonly unknown[] = []): void {
    const push = async () => {
      this.#ahead.push({ sql, values, isKept: true });
      if (this.#ahead.length >= mostAhead) await this.#send();
    };
    this.#next(push).catch(() => {});
  }

  /** Runs statements without values, all in one go. Throws DatabaseFault. */
  async script(sql: string): Promise<void> {
    await this.#next(async () => {
      await this.#send();
      await this.#answered(this.#client.query(sql));
    });
  }

  /** Lets every statement of this transaction take its time. Throws DatabaseFault. */
  async takeTime(): Promise<void> {
    this.#answerMs = undefined;
    await this.script('set local lock_timeout = 0; set local statement_timeout = 0');
  }

  /** Runs the work as one transaction. Throws what the work throws, or DatabaseFault. */
  async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.ahead('begin');
    const value = await work();
    await this.commit();
    return value;
  }

  /** Commits the transaction. Throws DatabaseFault, also when there was nothing left to commit. */
  async commit(): Promise<void> {
    this.assertSound();
    await this.#next(async () => {
      const result = await this.#send({ sql: 'commit', values: [], isKept: true });
      if (result?.command !== 'COMMIT') {
        throw new Error(`The database answered ${result?.command} to a commit.`);
      }
    });
  }

  /** The mark for the next transaction. */
  nextMark(): Mark {
    const { connection, n } = lastMarks.get(this.#client) ?? { connection: randomUUID(), n: 0 };
    const mark = { connection, n: n + 1 };
    lastMarks.set(this.#client, mark);
    return mark;
  }

  /** Sends what has not gone yet, and waits for the answer to all that was sent; assertSound tells of faults. */
  async settle(): Promise<void> {
    await this.#next(() => this.#send()).catch(() => {});
  }

  /** Ends the use; returns whether the connection is good for another. */
  async end(): Promise<boolean> {
    await this.#last;
    // A fault is heard of before the database has said whether it left a transaction open.
    const isOpen = this.#fault !== undefined || this.#client.getTransactionStatus() !== 'I';
    try {
      if (isOpen) await this.#answered(this.#client.query('rollback'));
      return true;
    } catch {
      return false;
    } finally {
      this.#client.removeListener('error', this.#onError);
    }
  }

  async #rows<Row extends object>(statement: Statement): Promise<readonly Row[]> {
    const result = await this.#send(statement);
    return result?.rows ?? [];
  }

  /** Sends what is to go ahead, and this; returns the result of the last. */
  async #send(...statements: readonly Statement[]): Promise<pg.QueryResult | undefined> {
    const all = [...this.#ahead, ...statements];
    this.#ahead = [];
    if (all.length === 0) return undefined;
    return (await this.#answered(sendTogether(this.#client, all))).at(-1);
  }

  #next<T>(statement: () => Promise<T>): Promise<T> {
    const running = this.#last.then(async () => {
      this.assertSound();
      try {
        return await statement();
      } catch (error) {
        this.fail(error);
        // What failed first is why the rest did.
        throw new DatabaseFault(this.#fault?.cause);
      }
    });
    this.#last = running.catch(() => {});
    return running;
  }

  /** The answer; when none comes the connection is cut off, however silent the network is about that. */
  async #answered<T>(answer: Promise<T>): Promise<T> {
    const giveUp = () => {
      this.fail(new Error('The database gives no answer.'));
      this.#onSilence();
      // In the middle of a statement this does not wait for anybody, and that statement fails.
      this.#client.end().catch(() => {});
    };
    const timer = this.#answerMs === undefined ? undefined : setTimeout(giveUp, this.#answerMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DatabaseFault } from './database-errors.ts';
import type { GatheringClient } from './gathering-client.ts';

/** What a transaction leaves in the database to be known by: the connection it ran on, and its number there. */
export interface Mark {
  readonly connection: string;
  readonly n: number;
}

const lastMarks = new WeakMap<GatheringClient, Mark>();

const names = new Map<string, string>();

function nameOf(sql: string): string {
  const name = names.get(sql) ?? `statement_${names.size + 1}`;
  names.set(sql, name);
  return name;
}

interface PreparedQuery extends pg.Query {
  name: string;
}

// The types of the driver leave out the values, the callback and the name.
const Prepared = pg.Query as unknown as new <Row extends object>(
  sql: string,
  values: readonly unknown[],
  callback: (error: Error | null, result: pg.QueryResult<Row>) => void,
) => PreparedQuery;

/**
 * A connection while somebody uses it, one statement after the other. After its first fault it does nothing more, so
 * that no fault can be overlooked.
 */
export class Connection {
  readonly #client: GatheringClient;
  readonly #onError = (error: Error) => this.fail(error);
  #last: Promise<unknown> = Promise.resolve();
  /** The answer to what was sent ahead. */
  #ahead: Promise<unknown> = Promise.resolve();
  #fault: { readonly cause: unknown } | undefined;

  constructor(client: GatheringClient) {
    this.#client = client;
    client.on('error', this.#onError);
  }

  /** Whether a transaction is open on it. */
  get inTransactionNow(): boolean {
    return this.#client.getTransactionStatus() !== 'I';
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
    return this.#next(async () => (await this.#client.query<Row>(sql, [...values])).rows);
  }

  /** As query, for a statement that is the same each time: the database plans it once for a connection. */
  prepared<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#next(async () => (await this.#send<Row>(sql, values)).rows);
  }

  /**
   * Sends a statement, prepared when it has values, and lets the next one follow without waiting for the answer: what
   * fails in it fails with that one.
   */
  ahead(sql: string, values?: readonly unknown[]): void {
    this.#last = this.#last.then(() => {
      if (this.#fault !== undefined) return;
      this.#client.gather();
      this.#ahead = values === undefined ? this.#client.query(sql) : this.#send(sql, values);
      this.#ahead.catch((error: unknown) => this.fail(error));
    });
  }

  /** Runs statements without values, all in one go, and returns the rows of the last. Throws DatabaseFault. */
  script<Row extends object>(sql: string): Promise<readonly Row[]> {
    return this.#next(async () => {
      // The driver returns a list of results when there is more than one statement.
      const result = (await this.#client.query(sql)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
      return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
    });
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
      const { command } = await this.#client.query('commit');
      if (command !== 'COMMIT') throw new Error(`The database answered ${command} to a commit.`);
    });
  }

  /** The mark for the next transaction. */
  nextMark(): Mark {
    const { connection, n } = lastMarks.get(this.#client) ?? { connection: randomUUID(), n: 0 };
    const mark = { connection, n: n + 1 };
    lastMarks.set(this.#client, mark);
    return mark;
  }

  /** Waits for the answer to all that was sent. */
  async settle(): Promise<void> {
    await this.#last;
    await this.#ahead.catch(() => {});
  }

  /** Ends the use; returns whether the connection is good for another. */
  async end(): Promise<boolean> {
    await this.settle();
    try {
      if (this.inTransactionNow) await this.#client.query('rollback');
      return true;
    } catch {
      return false;
    } finally {
      this.#client.removeListener('error', this.#onError);
    }
  }

  /** Prepared under its name; the driver's own way to say so costs as much as a small statement. */
  #send<Row extends object>(sql: string, values: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    return new Promise((resolve, reject) => {
      const query = new Prepared<Row>(sql, values, (error, result) =>
        error ? reject(error) : resolve(result),
      );
      query.name = nameOf(sql);
      this.#client.query(query);
    });
  }

  #next<T>(statement: () => Promise<T>): Promise<T> {
    const running = this.#last.then(async () => {
      this.assertSound();
      try {
        this.#client.gather();
        const answer = statement();
        answer.catch(() => {});
        await this.#ahead;
        return await answer;
      } catch (error) {
        this.fail(error);
        // What failed first is why the rest did.
        throw new DatabaseFault(this.#fault?.cause);
      }
    });
    this.#last = running.catch(() => {});
    return running;
  }
}

import type { Duplex } from 'node:stream';
import pg from 'pg';

/** A statement with its values. */
export interface BatchStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether the database keeps the plan, for a text that never varies. */
  readonly isPrepared: boolean;
}

/** The part of the driver that writes protocol messages, which its types omit. */
interface DriverConnection {
  readonly stream: Duplex;
  close(message: { readonly type: 'S'; readonly name: string }): void;
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly unknown[] }): void;
  describe(message: { readonly type: 'P' }): void;
  execute(message: object): void;
  sync(): void;
}

type BatchResult = pg.QueryResult | readonly pg.QueryResult[];

// A query of the driver accepts the answers to several statements; its types omit the constructor.
const Query = pg.Query as unknown as new (
  sql: string,
  values: undefined,
  callback: (error: Error | null, answer: BatchResult) => void,
) => object;

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils;

/** The names of the statements that are prepared on the connection of each client. */
const preparedNames = new WeakMap<pg.ClientBase, Set<string>>();
const statementNames = new Map<string, string>();

function statementName(sql: string): string {
  const name = statementNames.get(sql) ?? `statement_${statementNames.size + 1}`;
  statementNames.set(sql, name);
  return name;
}

/**
 * Sends the statements together and resolves with the result of each. The database answers them together too, which
 * saves most of the cost of small statements. Rejects with the first error; the statements after it are not run.
 */
export function sendBatch(
  client: pg.ClientBase,
  statements: readonly BatchStatement[],
): Promise<readonly pg.QueryResult[]> {
  const known = preparedNames.get(client) ?? new Set();
  preparedNames.set(client, known);
  return new Promise((resolve, reject) => {
    const batch = new StatementBatch(statements, known, (error, answer) => {
      if (error === null) return resolve([answer].flat());
      // After an error it is unknown which statements the database has prepared.
      known.clear();
      reject(error);
    });
    client.query(batch);
  });
}

class StatementBatch extends Query implements pg.Submittable {
  readonly #statements: readonly BatchStatement[];
  readonly #known: Set<string>;

  constructor(
    statements: readonly BatchStatement[],
    known: Set<string>,
    callback: (error: Error | null, answer: BatchResult) => void,
  ) {
    super('', undefined, callback);
    this.#known = known;
    // Values are converted before anything is sent, so that an invalid one leaves the connection usable.
    this.#statements = statements.map((statement) => ({
      ...statement,
      values: statement.values.map((value) => prepareValue(value)),
    }));
  }

  submit(connection: unknown): void {
    const wire = connection as DriverConnection;
    wire.stream.cork();
    for (const { sql, values, isPrepared } of this.#statements) {
      const name = isPrepared ? statementName(sql) : '';
      if (!this.#known.has(name)) this.#prepare(wire, name, sql);
      wire.bind({ statement: name, values });
      wire.describe({ type: 'P' });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  }

  /** Prepares a statement; the unnamed one replaces the previous unnamed one. */
  #prepare(wire: DriverConnection, name: string, text: string): void {
    if (name !== '') {
      // The database may have it nevertheless; closing an unknown name is no error.
      wire.close({ type: 'S', name });
      this.#known.add(name);
    }
    wire.parse({ name, text });
  }
}

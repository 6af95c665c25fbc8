import type { Duplex } from 'node:stream';
import pg from 'pg';

/** A statement with its values. */
export interface BatchStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether the database keeps its plan, for a text that is the same each time. */
  readonly isPrepared: boolean;
}

/** The driver's side of the protocol, of which its types say little. */
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

// A query of the driver takes the answers to several statements; its types do not tell how one is made.
const Query = pg.Query as unknown as new (
  sql: string,
  values: undefined,
  callback: (error: Error | null, answer: BatchResult) => void,
) => object;

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils;

/** The statements that the database knows by name, on the connection of each client. */
const preparedNames = new WeakMap<pg.ClientBase, Set<string>>();
const statementNames = new Map<string, string>();

function statementName(sql: string): string {
  const name = statementNames.get(sql) ?? `statement_${statementNames.size + 1}`;
  statementNames.set(sql, name);
  return name;
}

/**
 * Sends the statements together and resolves with the result of each. The database answers them together too, which
 * spares both sides most of what a small statement costs. Rejects with the first fault; what comes behind it is not run.
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
      // Behind a fault nobody knows what the database has kept.
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
    // Done before anything is sent: a value that cannot be written leaves the connection as it was.
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

  /** Tells the database of a statement; the nameless one takes the place of the one before. */
  #prepare(wire: DriverConnection, name: string, text: string): void {
    if (name !== '') {
      // It may be there all the same.
      wire.close({ type: 'S', name });
      this.#known.add(name);
    }
    wire.parse({ name, text });
  }
}

import type { Duplex } from 'node:stream';
import pg from 'pg';

/** A statement with its values. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether the database keeps its plan, for a text that is the same each time. */
  readonly isKept: boolean;
}

/** The driver's side of the protocol, of which its types say little. */
interface Wire {
  readonly stream: Duplex;
  close(message: { readonly type: 'S'; readonly name: string }): void;
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly unknown[] }): void;
  describe(message: { readonly type: 'P' }): void;
  execute(message: object): void;
  sync(): void;
}

type Answer = pg.QueryResult | readonly pg.QueryResult[];

// A query of the driver takes the answers to several statements; its types do not tell how one is made.
const Query = pg.Query as unknown as new (
  sql: string,
  values: undefined,
  callback: (error: Error | null, answer: Answer) => void,
) => object;

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils;

/** The statements that the database knows by name, on the connection of each client. */
const kept = new WeakMap<pg.ClientBase, Set<string>>();
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const name = names.get(sql) ?? `statement_${names.size + 1}`;
  names.set(sql, name);
  return name;
}

/**
 * Sends the statements together and resolves with the result of each. The database answers them together too, which
 * spares both sides most of what a small statement costs. Rejects with the first fault; what comes behind it is not run.
 */
export function sendTogether(
  client: pg.ClientBase,
  statements: readonly Statement[],
): Promise<readonly pg.QueryResult[]> {
  const known = kept.get(client) ?? new Set();
  kept.set(client, known);
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
  readonly #statements: readonly Statement[];
  readonly #known: Set<string>;

  constructor(
    statements: readonly Statement[],
    known: Set<string>,
    callback: (error: Error | null, answer: Answer) => void,
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
    const wire = connection as Wire;
    wire.stream.cork();
    for (const { sql, values, isKept } of this.#statements) {
      const name = isKept ? nameOf(sql) : '';
      if (!this.#known.has(name)) this.#introduce(wire, name, sql);
      wire.bind({ statement: name, values });
      wire.describe({ type: 'P' });
      wire.execute({});
    }
    wire.sync();
    wire.stream.uncork();
  }

  /** Tells the database of a statement; the nameless one takes the place of the one before. */
  #introduce(wire: Wire, name: string, text: string): void {
    if (name !== '') {
      // It may be there all the same.
      wire.close({ type: 'S', name });
      this.#known.add(name);
    }
    wire.parse({ name, text });
  }
}

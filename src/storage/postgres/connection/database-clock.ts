import type { Connection } from './database-connection.ts';

const goodForMs = 1000;
const lookSql = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now';

/** The clock of the database, looked at once a second and reckoned on in between. */
export class DatabaseClock {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #offset = 0;

  /** Begins a transaction and returns when that is, in epoch milliseconds. Throws DatabaseFault. */
  async begin(connection: Connection): Promise<number> {
    const asked = performance.now();
    connection.ahead('begin');
    if (asked - this.#lookedAt >= goodForMs) {
      const [row] = await connection.query<{ now: number }>(lookSql);
      this.#lookedAt = performance.now();
      this.#offset = (row?.now ?? Number.NaN) - (asked + this.#lookedAt) / 2;
    }
    return Math.floor(performance.now() + this.#offset);
  }
}

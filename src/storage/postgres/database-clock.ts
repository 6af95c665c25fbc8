import type { Connection } from './database-connection.ts';

const goodForMs = 1000;

/** The clock of the database, looked at once a second and reckoned on in between. */
export class DatabaseClock {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #offset = 0;

  /** Begins a transaction and returns when that is, in epoch milliseconds. Throws DatabaseFault. */
  async begin(connection: Connection): Promise<number> {
    const asked = performance.now();
    if (asked - this.#lookedAt < goodForMs) {
      connection.ahead('begin');
    } else {
      const sql = 'begin; select extract(epoch from clock_timestamp())::float8 * 1000 as now';
      const [row] = await connection.script<{ now: number }>(sql);
      this.#lookedAt = performance.now();
      this.#offset = (row?.now ?? Number.NaN) - (asked + this.#lookedAt) / 2;
    }
    return Math.floor(performance.now() + this.#offset);
  }
}

import type { DatabaseConnection } from './database-connection.ts';

const maxAgeMs = 1000;
const nowSql = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now';

/** The clock of the database, looked at once a second and reckoned on in between. */
export class DatabaseClock {
  #readAt = Number.NEGATIVE_INFINITY;
  #offset = 0;

  /** Begins a transaction and returns when that is, in epoch milliseconds. Throws DatabaseFault. */
  async beginTransaction(connection: DatabaseConnection): Promise<number> {
    const asked = performance.now();
    connection.pipeline('begin');
    if (asked - this.#readAt >= maxAgeMs) {
      const [row] = await connection.query<{ now: number }>(nowSql);
      this.#readAt = performance.now();
      this.#offset = (row?.now ?? Number.NaN) - (asked + this.#readAt) / 2;
    }
    return Math.floor(performance.now() + this.#offset);
  }
}

import type { DatabaseConnection } from './database-connection.ts';

const maxAgeMs = 1000;
const nowSql = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now';

/** The clock of the database: read at most once a second, and computed from the local clock in between. */
export class DatabaseClock {
  #readAt = Number.NEGATIVE_INFINITY;
  #offset = 0;

  /** Begins a transaction and returns its time in epoch milliseconds. Throws PostgresError. */
  async beginTransaction(connection: DatabaseConnection): Promise<number> {
    const sentAt = performance.now();
    connection.pipeline('begin');
    if (sentAt - this.#readAt >= maxAgeMs) {
      const [row] = await connection.query<{ now: number }>(nowSql);
      this.#readAt = performance.now();
      this.#offset = (row?.now ?? Number.NaN) - (sentAt + this.#readAt) / 2;
    }
    return Math.floor(performance.now() + this.#offset);
  }
}

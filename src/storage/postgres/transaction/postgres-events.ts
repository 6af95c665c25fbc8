import type { EventReader, EventRecord } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Position } from '../../../domain/position.ts';
import { assertStream } from '../../transaction-scope.ts';
import { epochSql } from '../schema/history.ts';
import type { PostgresTransactionScope } from './postgres-transaction-scope.ts';

/** The columns of an event, under the names of the properties of EventRecord. */
export const eventColumns = 'stream, seq, name, data, at as timestamp, actor';

const headSql = `
  select ${epochSql('$1::text')} as epoch, coalesce(max(seq), 0) as seq, coalesce(max(pruned_to), 0) as pruned_to
  from streams where stream = $1`;

interface Head extends Position {
  readonly pruned_to: number;
}

/** The committed events. */
export class PostgresEvents implements EventReader {
  readonly #scope: PostgresTransactionScope;

  constructor(scope: PostgresTransactionScope) {
    this.#scope = scope;
  }

  async head(stream: Stream): Promise<Position> {
    const { epoch, seq } = await this.#head(stream);
    return { epoch, seq };
  }

  async read(stream: Stream, after: number, limit: number): Promise<readonly EventRecord[]> {
    const { seq, pruned_to } = await this.#head(stream);
    if (after < pruned_to || after > seq) {
      const message = `The events after ${after} of ${stream} are not kept.`;
      throw new AppError('POSITION_LOST', message, { stream, head: seq });
    }
    const rows = await this.#scope.connection.query<EventRecord>(
      `select ${eventColumns} from events where stream = $1 and seq > $2 and seq <= $3 order by seq limit $4`,
      [stream, after, seq, limit],
    );
    return rows.map((row) => Object.freeze({ ...row }));
  }

  async #head(stream: Stream): Promise<Head> {
    const { connection, lockedStreams } = this.#scope;
    assertStream(stream);
    const own = lockedStreams.get(stream);
    if (own !== undefined) return own;
    const [head] = await connection.queryPrepared<Head>(headSql, [stream]);
    if (head === undefined) throw new AppError('STORE_FAILED', `The database returned no head of ${stream}.`);
    return head;
  }
}

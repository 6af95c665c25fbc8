import type { EventRecord } from '../../application/store.ts';
import type { Stream } from '../../domain/channel.ts';
import { Connection } from './database-connection.ts';
import type { GatheringClient } from './gathering-client.ts';
import { checkHistory, endHistory, seedOf } from './history.ts';
import { eventColumns } from './postgres-events.ts';

/** How far a stream has come. */
export interface StreamEnd {
  readonly stream: Stream;
  readonly seq: number;
}

const channel = 'maestro';

// The workspace comes first, which says that there is a project before that project does.
const newSql = `
  with moment as materialized (select pg_current_snapshot()::text as snapshot)
  select snapshot, ${eventColumns} from moment left join events
    on tx >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(tx, $1::pg_snapshot)
  order by stream desc, seq`;

const behindSql = `
  select ${eventColumns} from unnest($1::text[], $2::bigint[]) as told (stream, told)
  join events using (stream) where seq > told order by stream desc, seq`;

/**
 * A connection that reads the event log onwards from a moment. A moment is a snapshot of the database, which holds as
 * long as the connection does: behind a crash of the database the numbers in it may be given out again.
 */
export class LogConnection {
  readonly #client: GatheringClient;
  readonly #connection: Connection;
  #snapshot = '';
  #seed = '';

  private constructor(client: GatheringClient) {
    this.#client = client;
    this.#connection = new Connection(client);
  }

  /** What the epochs of the streams come of. */
  get seed(): string {
    return this.#seed;
  }

  /** Connects; `onNews` is called when another process may have committed, `onEnd` when the connection is gone. */
  static async open(client: GatheringClient, onNews: () => void, onEnd: () => void): Promise<LogConnection> {
    await client.connect();
    const log = new LogConnection(client);
    client.on('end', onEnd);
    const [own] = await log.#connection.query<{ pid: number }>('select pg_backend_pid() as pid');
    client.on('notification', ({ processId }) => {
      if (processId !== own?.pid) onNews();
    });
    await checkHistory(log.#connection);
    log.#seed = await seedOf(log.#connection);
    // The log is read by its indexes, whatever the statistics of a young database say.
    await log.#connection.script(`set enable_seqscan = off; listen ${channel}`);
    return log;
  }

  /** Takes the present moment; returns the events up to it behind the ends that `toldOf` makes of all present ones. */
  async catchUp(
    toldOf: (ends: readonly StreamEnd[]) => readonly StreamEnd[],
  ): Promise<readonly EventRecord[]> {
    const connection = this.#connection;
    await connection.script('begin isolation level repeatable read read only');
    const [moment] = await connection.query<{ snapshot: string }>(
      'select pg_current_snapshot()::text as snapshot',
    );
    const told = toldOf(await connection.query<StreamEnd>('select stream, seq from streams'));
    const events = await connection.query<EventRecord>(behindSql, [
      told.map((end) => end.stream),
      told.map((end) => end.seq),
    ]);
    await connection.commit();
    this.#snapshot = moment?.snapshot ?? '';
    return events.map((event) => Object.freeze({ ...event }));
  }

  /** The events that were committed since the moment, which moves on. */
  async next(): Promise<readonly EventRecord[]> {
    type Row = { readonly snapshot: string } & {
      readonly [Key in keyof EventRecord]: EventRecord[Key] | null;
    };
    const rows = await this.#connection.prepared<Row>(newSql, [this.#snapshot]);
    this.#snapshot = rows[0]?.snapshot ?? this.#snapshot;
    return rows
      .filter((row) => row.stream !== null)
      .map(({ snapshot: _, ...event }) => Object.freeze(event) as EventRecord);
  }

  /** Tells the other processes that there is news; nobody relies on it. */
  announce(): void {
    this.#connection.script(`notify ${channel}`).catch(() => {});
  }

  /** Gives every stream a new epoch, unless another process did. */
  endHistory(): Promise<void> {
    return endHistory(this.#connection, this.#seed);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

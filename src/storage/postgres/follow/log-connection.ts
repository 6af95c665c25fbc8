import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { EventRecord } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { EventName } from '../../../domain/events.ts';
import type { Database } from '../connection/database.ts';
import { type DatabaseConnection, unrefClient } from '../connection/database-connection.ts';
import { endHistory, readHistorySeed, renewHistoryIfSystemChanged } from '../schema/history.ts';
import { eventColumns } from '../transaction/postgres-events.ts';

/** How far a stream has come. */
export interface StreamHead {
  readonly stream: Stream;
  readonly seq: number;
}

/** The events of a stream from `first` to `seq`. */
export interface CommittedRange extends StreamHead {
  readonly first: number;
  readonly names: readonly EventName[];
}

/** Some events of a stream: those behind `after`, up to `seq`. */
export interface EventRange extends StreamHead {
  readonly after: number;
}

const channel = 'maestro';
const maxCloseMs = 1000;

const snapshotCte = 'moment as materialized (select pg_current_snapshot()::text as snapshot)';

const headsSql = `with ${snapshotCte} select snapshot, stream, seq from moment left join streams on true`;

const committedRangesSql = `
  with ${snapshotCte}
  select snapshot, stream, min(seq) as first, max(seq) as seq, array_agg(distinct name) as names
  from moment left join events
    on tx >= pg_snapshot_xmin($1::pg_snapshot) and not pg_visible_in_snapshot(tx, $1::pg_snapshot)
  group by snapshot, stream`;

// The workspace comes first, which says that there is a project before that project does.
const readSql = `
  select ${eventColumns} from unnest($1::text[], $2::bigint[], $3::bigint[]) as wanted (stream, after, until)
  join events using (stream) where seq > after and seq <= until order by stream desc, seq`;

/**
 * A connection that reads the event log onwards from a moment. A moment is a snapshot of the database, which holds as
 * long as the connection does: behind a crash of the database the numbers in it may be given out again.
 */
export class LogConnection {
  readonly #client: pg.Client;
  readonly #connection: DatabaseConnection;
  #snapshot = '';
  #seed = '';

  private constructor(client: pg.Client, connection: DatabaseConnection) {
    this.#client = client;
    this.#connection = connection;
  }

  /** What the epochs of the streams come of. */
  get seed(): string {
    return this.#seed;
  }

  /** Connects; `onNews` is called when another process may have committed, `onEnd` when the connection is gone. */
  static async open(database: Database, onNews: () => void, onEnd: () => void): Promise<LogConnection> {
    const client = database.createDirectClient();
    await client.connect();
    const log = new LogConnection(client, database.wrapClient(client));
    try {
      await log.#initialize(onNews);
    } catch (fault) {
      await log.close();
      throw fault;
    }
    client.on('end', onEnd);
    return log;
  }

  /** Takes the present moment; returns how far each stream has come by then. */
  readHeads(): Promise<readonly StreamHead[]> {
    return this.#advanceSnapshot<StreamHead>(headsSql, []);
  }

  /** Takes the present moment; returns what was committed since the last one, stream by stream. */
  readCommittedRanges(): Promise<readonly CommittedRange[]> {
    return this.#advanceSnapshot<CommittedRange>(committedRangesSql, [this.#snapshot]);
  }

  /** The events of these stretches, in the order of their streams. */
  async read(stretches: readonly EventRange[]): Promise<readonly EventRecord[]> {
    const events = await this.#connection.queryPrepared<EventRecord>(readSql, [
      stretches.map(({ stream }) => stream),
      stretches.map(({ after }) => after),
      stretches.map(({ seq }) => seq),
    ]);
    return events.map((event) => Object.freeze({ ...event }));
  }

  /** Tells the other processes that there is news; nobody relies on it. */
  notify(): void {
    this.#connection.runScript(`notify ${channel}`).catch(() => {});
  }

  /** Gives every stream a new epoch, unless another process did. */
  endHistory(): Promise<void> {
    return endHistory(this.#connection, this.#seed);
  }

  /** Ends the connection, and waits for that only a moment: the database may be gone. */
  async close(): Promise<void> {
    const ended = this.#client.end().catch(() => {});
    await Promise.race([ended, sleep(maxCloseMs, undefined, { ref: false })]);
    unrefClient(this.#client);
  }

  async #initialize(onNews: () => void): Promise<void> {
    const [own] = await this.#connection.query<{ pid: number }>('select pg_backend_pid() as pid');
    this.#client.on('notification', ({ processId }) => {
      if (processId !== own?.pid) onNews();
    });
    await renewHistoryIfSystemChanged(this.#connection);
    this.#seed = await readHistorySeed(this.#connection);
    // The log is read by its indexes, whatever the statistics of a young database say.
    await this.#connection.runScript(`set enable_seqscan = off; listen ${channel}`);
  }

  async #advanceSnapshot<Row extends StreamHead>(
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    const rows = await this.#connection.queryPrepared<Row & { readonly snapshot: string }>(sql, values);
    this.#snapshot = rows[0]?.snapshot ?? this.#snapshot;
    // Where there is no stream, the moment stands alone.
    return rows.filter((row) => row.stream !== null);
  }
}

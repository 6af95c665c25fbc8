import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { EventRecord } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { EventName } from '../../../domain/events.ts';
import type { Database } from '../connection/database.ts';
import { type DatabaseConnection, unrefClient } from '../connection/database-connection.ts';
import { endHistory, readHistorySeed, renewHistoryIfSystemChanged } from '../schema/history.ts';
import { eventColumns } from '../transaction/postgres-events.ts';

/** The number of the last event of a stream. */
export interface StreamHead {
  readonly stream: Stream;
  readonly seq: number;
}

/** The events of a stream from `first` to `seq`. */
export interface CommittedRange extends StreamHead {
  readonly first: number;
  readonly names: readonly EventName[];
}

/** Some events of a stream: those after `after`, up to and including `seq`. */
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

// The workspace stream comes first, so that the creation of a project comes before its own events.
const readSql = `
  select ${eventColumns} from unnest($1::text[], $2::bigint[], $3::bigint[]) as wanted (stream, after, until)
  join events using (stream) where seq > after and seq <= until order by stream desc, seq`;

/**
 * A connection that reads the event log from one snapshot of the database to the next. A snapshot is valid only as long
 * as the connection: after a crash the database may reuse the transaction numbers in it.
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

  /** The seed of the history, from which the epochs of the streams are derived. */
  get seed(): string {
    return this.#seed;
  }

  /** Connects; `onNotification` is called when another process may have committed, `onEnd` when the connection ends. */
  static async open(
    database: Database,
    onNotification: () => void,
    onEnd: () => void,
  ): Promise<LogConnection> {
    const client = database.createDirectClient();
    await client.connect();
    const log = new LogConnection(client, database.wrapClient(client));
    try {
      await log.#initialize(onNotification);
    } catch (error) {
      await log.close();
      throw error;
    }
    client.on('end', onEnd);
    return log;
  }

  /** Takes a new snapshot; returns the head of each stream in it. */
  readHeads(): Promise<readonly StreamHead[]> {
    return this.#advanceSnapshot<StreamHead>(headsSql, []);
  }

  /** Takes a new snapshot; returns for each stream what was committed since the previous one. */
  readCommittedRanges(): Promise<readonly CommittedRange[]> {
    return this.#advanceSnapshot<CommittedRange>(committedRangesSql, [this.#snapshot]);
  }

  /** The events of these ranges, in the order of their streams. */
  async read(ranges: readonly EventRange[]): Promise<readonly EventRecord[]> {
    const events = await this.#connection.queryPrepared<EventRecord>(readSql, [
      ranges.map(({ stream }) => stream),
      ranges.map(({ after }) => after),
      ranges.map(({ seq }) => seq),
    ]);
    return events.map((event) => Object.freeze({ ...event }));
  }

  /** Notifies the other processes of a commit; without it they only see the commit later. */
  notify(): void {
    this.#connection.runScript(`notify ${channel}`).catch(() => {});
  }

  /** Gives every stream a new epoch, unless another process has done so. */
  endHistory(): Promise<void> {
    return endHistory(this.#connection, this.#seed);
  }

  /** Closes the connection, and waits for that one second at most: the database may be gone. */
  async close(): Promise<void> {
    const ended = this.#client.end().catch(() => {});
    await Promise.race([ended, sleep(maxCloseMs, undefined, { ref: false })]);
    unrefClient(this.#client);
  }

  async #initialize(onNotification: () => void): Promise<void> {
    const [own] = await this.#connection.query<{ pid: number }>('select pg_backend_pid() as pid');
    this.#client.on('notification', ({ processId }) => {
      if (processId !== own?.pid) onNotification();
    });
    await renewHistoryIfSystemChanged(this.#connection);
    this.#seed = await readHistorySeed(this.#connection);
    // Forces index scans: a new database has no statistics yet that would suggest them.
    await this.#connection.runScript(`set enable_seqscan = off; listen ${channel}`);
  }

  async #advanceSnapshot<Row extends StreamHead>(
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    const rows = await this.#connection.queryPrepared<Row & { readonly snapshot: string }>(sql, values);
    this.#snapshot = rows[0]?.snapshot ?? this.#snapshot;
    // Without any stream there is one row with the snapshot alone.
    return rows.filter((row) => row.stream !== null);
  }
}

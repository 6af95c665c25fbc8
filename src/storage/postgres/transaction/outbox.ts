import type { Stream } from '../../../domain/channel.ts';
import { type EventData, type EventName, streamsOfEvent } from '../../../domain/events.ts';
import type { Retention } from '../../retention.ts';
import type { DatabaseConnection } from '../connection/database-connection.ts';
import { serializeJson } from '../connection/postgres-json.ts';
import { type CommitReference, writeCommitMarker } from './commit-outcome.ts';
import type { LockedStream, PostgresTransactionScope } from './postgres-transaction-scope.ts';

/** The share of the kept events that is pruned in addition, so that few transactions have to prune. */
const pruneSlack = 0.01;

const insertSql = 'insert into events (stream, seq, name, data, at, actor, connection)';

// Most transactions have one event, which costs much less to insert without arrays.
const insertOneSql = `${insertSql} values ($1, $2, $3, $4, $5, $6, $7)`;
const insertManySql = `
  ${insertSql} select stream, seq, name, data::json, $5, $6, $7
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as e (stream, seq, name, data)`;

const updateStreamSql = 'update streams set seq = $2, pruned_to = $3, oldest_at = $4 where stream = $1';
const firstKeptSql =
  'select seq, at from events where stream = $1 and seq > $2 and at >= $3 order by seq limit 1';
const pruneSql = 'delete from events where stream = $1 and seq <= $2';

interface NumberedEvent {
  readonly stream: Stream;
  readonly seq: number;
  readonly name: EventName;
  readonly data: string;
}

/** The events of one transaction, collected until it commits. */
export class Outbox {
  readonly #scope: PostgresTransactionScope;
  readonly #events: Omit<NumberedEvent, 'seq'>[] = [];

  constructor(scope: PostgresTransactionScope) {
    this.#scope = scope;
  }

  /** Adds an event. Throws INTERNAL_ERROR when one of its streams is not locked, or its data is not JSON. */
  emit<Name extends EventName>(name: Name, data: EventData<Name>): void {
    this.#scope.connection.assertHealthy();
    const streams = streamsOfEvent(name, data);
    for (const stream of streams) this.#scope.assertStreamLocked(stream);
    const text = serializeJson(data);
    for (const stream of streams) this.#events.push({ stream, name, data: text });
    this.#scope.hasWrites = true;
  }

  /**
   * Writes the events with their numbers, and the new heads of the locked streams; the commit throws the errors of this.
   * Returns what the transaction can be found by.
   */
  async write(
    connection: DatabaseConnection,
    actor: string,
    timestamp: number,
    retention: Retention,
  ): Promise<CommitReference> {
    const marker = connection.nextCommitMarker();
    const { events, heads: ends } = this.#numberEvents();
    for (const [stream, locked] of this.#scope.lockedStreams) {
      const seq = ends.get(stream) ?? locked.seq;
      const kept =
        seq > locked.seq
          ? await computeRetained(connection, stream, locked, seq, timestamp, retention)
          : locked;
      // Locking the stream has already advanced its head by one.
      if (kept !== locked || seq !== locked.seq + 1) {
        connection.pipeline(updateStreamSql, [stream, seq, kept.pruned_to, kept.oldest_at]);
      }
      if (kept.pruned_to !== locked.pruned_to) connection.pipeline(pruneSql, [stream, kept.pruned_to]);
      this.#scope.lockedStreams.set(stream, { ...locked, ...kept, seq });
    }
    const last = events.at(-1);
    if (last === undefined) {
      writeCommitMarker(connection, marker);
      return marker;
    }
    // The last event is kept even when a transaction has more events than are kept.
    const { stream, seq, name, data } = last;
    const common = [timestamp, actor, marker.connection];
    if (events.length === 1) {
      connection.pipeline(insertOneSql, [stream, seq, name, data, ...common]);
    } else {
      connection.pipeline(insertManySql, [
        events.map((event) => event.stream),
        events.map((event) => event.seq),
        events.map((event) => event.name),
        events.map((event) => event.data),
        ...common,
      ]);
    }
    return { connection: marker.connection, stream, seq };
  }

  /** The events with their numbers, and the new head of each of their streams. */
  #numberEvents(): {
    readonly events: readonly NumberedEvent[];
    readonly heads: ReadonlyMap<Stream, number>;
  } {
    const ends = new Map<Stream, number>();
    const events = this.#events.map((event) => {
      const seq = (ends.get(event.stream) ?? this.#locked(event.stream).seq) + 1;
      ends.set(event.stream, seq);
      return { ...event, seq };
    });
    return { events, heads: ends };
  }

  #locked(stream: Stream): LockedStream {
    // `emit` accepts only events of locked streams.
    return this.#scope.lockedStreams.get(stream) as LockedStream;
  }
}

/** What is kept of the stream when its head is `seq` at that time; `locked` itself when nothing is to be pruned. */
async function computeRetained(
  connection: DatabaseConnection,
  stream: Stream,
  locked: LockedStream,
  seq: number,
  timestamp: number,
  { events, ageMs }: Retention,
): Promise<Pick<LockedStream, 'pruned_to' | 'oldest_at'>> {
  const { pruned_to, oldest_at } = locked;
  const tooMany = seq - pruned_to > events;
  const oldest = timestamp - ageMs;
  if (!tooMany && oldest_at !== null && oldest_at >= oldest) return locked;
  const byCount = tooMany ? seq - events + Math.floor(events * pruneSlack) : pruned_to;
  if (pruned_to === locked.seq) return { pruned_to: byCount, oldest_at: timestamp };
  const oldestKept = oldest + Math.floor(ageMs * pruneSlack);
  const [first] = await connection.query<{ seq: number; at: number }>(firstKeptSql, [
    stream,
    byCount,
    oldestKept,
  ]);
  return {
    pruned_to: Math.max(byCount, (first?.seq ?? locked.seq + 1) - 1),
    oldest_at: first?.at ?? timestamp,
  };
}

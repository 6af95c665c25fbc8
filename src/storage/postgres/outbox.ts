import type { Stream } from '../../domain/channel.ts';
import { type EventData, type EventName, streamsOf } from '../../domain/events.ts';
import { leaveMarkSql } from './commit-outcome.ts';
import type { Connection, Mark } from './database-connection.ts';
import type { LockedStream, Scope } from './scope.ts';
import { storedJson } from './stored-json.ts';

/** How much of each stream is kept. */
export interface Retention {
  /** At most so many events. */
  readonly events: number;
  /** None that is older than so many milliseconds when the next one is committed. */
  readonly ageMs: number;
}

const pruneEvery = 100;

const advanceSql = `
  with mark as (${leaveMarkSql}), heads as (
    update streams s set seq = h.seq, pruned_to = h.pruned_to
    from unnest($3::text[], $4::bigint[], $5::bigint[]) as h (stream, seq, pruned_to)
    where s.stream = h.stream
  )
  insert into events (stream, seq, name, data, at, actor)
  select stream, seq, name, data::json, $10, $11
  from unnest($6::text[], $7::bigint[], $8::text[], $9::text[]) as e (stream, seq, name, data)`;

/** The events of one transaction until it commits. */
export class Outbox {
  readonly #scope: Scope;
  readonly #events: { readonly stream: Stream; readonly name: EventName; readonly data: string }[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Takes an event to commit it. Throws INTERNAL_ERROR when one of its streams is not locked, or it is no JSON. */
  emit<Name extends EventName>(name: Name, data: EventData<Name>): void {
    this.#scope.connection.assertSound();
    const streams = streamsOf(name, data);
    for (const stream of streams) this.#scope.assertStreamLocked(stream);
    const text = storedJson(data);
    for (const stream of streams) this.#events.push({ stream, name, data: text });
    this.#scope.wrote = true;
  }

  /** Writes the events down, numbered on in each stream, moves the streams on and leaves the mark; the commit tells of faults. */
  async write(
    connection: Connection,
    mark: Mark,
    actor: string,
    timestamp: number,
    retention: Retention,
  ): Promise<void> {
    const ends = new Map<Stream, number>();
    const numbered = this.#events.map((event) => {
      const seq = (ends.get(event.stream) ?? this.#locked(event.stream).seq) + 1;
      ends.set(event.stream, seq);
      return { ...event, seq };
    });
    if (numbered.length === 0) {
      connection.ahead(leaveMarkSql, [mark.connection, mark.n]);
      return;
    }
    const heads: { stream: Stream; seq: number; prunedTo: number }[] = [];
    for (const [stream, seq] of ends) {
      const prunedTo = await this.#prunedTo(connection, stream, seq, timestamp - retention.ageMs, retention);
      heads.push({ stream, seq, prunedTo });
    }
    connection.ahead(advanceSql, [
      mark.connection,
      mark.n,
      heads.map((head) => head.stream),
      heads.map((head) => head.seq),
      heads.map((head) => head.prunedTo),
      numbered.map((event) => event.stream),
      numbered.map((event) => event.seq),
      numbered.map((event) => event.name),
      numbered.map((event) => event.data),
      timestamp,
      actor,
    ]);
    for (const { stream, seq, prunedTo } of heads) await this.#advance(connection, stream, seq, prunedTo);
  }

  async #prunedTo(
    connection: Connection,
    stream: Stream,
    seq: number,
    oldest: number,
    retention: Retention,
  ): Promise<number> {
    const locked = this.#locked(stream);
    const byCount = Math.max(locked.pruned_to, seq - retention.events);
    if (locked.oldest_at === null || locked.oldest_at >= oldest) return byCount;
    const [first] = await connection.query<{ seq: number }>(
      'select seq from events where stream = $1 and seq > $2 and at >= $3 order by seq limit 1',
      [stream, byCount, oldest],
    );
    return Math.max(byCount, (first?.seq ?? locked.seq + 1) - 1);
  }

  async #advance(connection: Connection, stream: Stream, seq: number, prunedTo: number): Promise<void> {
    const locked = this.#locked(stream);
    this.#scope.locked.set(stream, { ...locked, seq, pruned_to: prunedTo });
    // What is no longer kept cannot be read any more; its rows go some at a time.
    if (Math.floor(prunedTo / pruneEvery) === Math.floor(locked.pruned_to / pruneEvery)) return;
    await connection.query('delete from events where stream = $1 and seq <= $2', [stream, prunedTo]);
  }

  #locked(stream: Stream): LockedStream {
    // Nothing gets in here but what was locked before.
    return this.#scope.locked.get(stream) as LockedStream;
  }
}

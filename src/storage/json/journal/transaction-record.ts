import type { Kind, LogKind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { EventName } from '../../../domain/events.ts';
import type { AnyEntity } from '../records/any-entity.ts';

/** One change of a transaction: an entity or an entry with its JSON, as both are needed. */
export type Change =
  | readonly [op: 'put', kind: Kind, entity: AnyEntity, text: string]
  | readonly [op: 'delete', kind: Kind, id: string]
  | readonly [op: 'drop', log: LogKind, id: string]
  | readonly [op: 'append', log: LogKind, id: string, n: number, entry: unknown, text: string];

/** An event of a transaction, and its number in each stream that records it. */
export interface RecordedEvent {
  readonly name: EventName;
  readonly data: unknown;
  readonly text: string;
  readonly seqs: ReadonlyMap<Stream, number>;
}

/** A transaction as it is committed. */
export interface TransactionRecord {
  /** Its number: 1, 2, 3, … without holes. */
  readonly tx: number;
  /** When, in epoch milliseconds, and by whom. */
  readonly at: number;
  readonly by: string;
  readonly changes: readonly Change[];
  readonly events: readonly RecordedEvent[];
  /** The sum of all entities after it; undefined in what was written before there was one. */
  readonly sum?: number | undefined;
}

/** The JSON of a transaction, put together from that of its parts. */
export function encodeTransaction({ tx, at, by, changes, events, sum }: TransactionRecord): string {
  const ops = changes.map(encodeChange).join(',');
  const evs = events.map(encodeEvent).join(',');
  const text = `{"tx":${tx},"at":${at},"by":${JSON.stringify(by)},"ops":[${ops}],"events":[${evs}]}`;
  return sum === undefined ? text : addSum(text, sum);
}

/** The JSON of a transaction with the sum of all entities after it. */
export function addSum(text: string, sum: number): string {
  return `${text.slice(0, -1)},"sum":${sum}}`;
}

function encodeChange(change: Change): string {
  switch (change[0]) {
    case 'put':
      return `["put","${change[1]}",${change[3]}]`;
    case 'append':
      return `["append","${change[1]}","${change[2]}",${change[3]},${change[5]}]`;
    default:
      return JSON.stringify(change);
  }
}

function encodeEvent({ name, text, seqs }: RecordedEvent): string {
  return `{"name":"${name}","seqs":${JSON.stringify(Object.fromEntries(seqs))},"data":${text}}`;
}

/** What a line of the journal says a transaction is. */
export interface SerializedTransaction {
  readonly tx: number;
  readonly at: number;
  readonly by: string;
  readonly ops: readonly (
    | readonly ['put', Kind, AnyEntity]
    | readonly ['delete', Kind, string]
    | readonly ['drop', LogKind, string]
    | readonly ['append', LogKind, string, number, unknown]
  )[];
  readonly events: readonly {
    readonly name: EventName;
    readonly seqs: Readonly<Record<Stream, number>>;
    readonly data: unknown;
  }[];
  readonly sum?: number;
}

/** The transaction that was written; its line was undamaged, so it is what encodeTransaction made. */
export function decodeTransaction({
  tx,
  at,
  by,
  ops,
  events,
  sum,
}: SerializedTransaction): TransactionRecord {
  return {
    tx,
    at,
    by,
    sum,
    changes: ops.map((op): Change => {
      if (op[0] === 'put') return [...op, JSON.stringify(op[2])];
      return op[0] === 'append' ? [...op, JSON.stringify(op[4])] : op;
    }),
    events: events.map(({ name, seqs, data }) => ({
      name,
      data,
      text: JSON.stringify(data),
      // Written from a map of streams.
      seqs: new Map(Object.entries(seqs) as [Stream, number][]),
    })),
  };
}

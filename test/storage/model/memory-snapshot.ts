import {
  type EntityOf,
  type Kind,
  kinds,
  type LogEntryOf,
  type LogKind,
  logKinds,
} from '../../../src/application/store/collections.ts';
import type { EventRecord } from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';

/** The events of one stream that are still kept, and how many there have been in all. */
export interface StreamHistory {
  readonly head: number;
  readonly events: readonly EventRecord[];
}

/** Everything stored at one moment; once committed it is never changed again. */
export interface MemorySnapshot {
  readonly entities: { readonly [K in Kind]: Map<string, EntityOf<K>> };
  readonly logs: { readonly [L in LogKind]: Map<string, readonly LogEntryOf<L>[]> };
  readonly histories: Map<Stream, StreamHistory>;
}

/** The moment before anything is stored. */
export function emptySnapshot(): MemorySnapshot {
  return buildSnapshot(
    () => new Map(),
    () => new Map(),
    new Map(),
  );
}

/** A moment to change that leaves this one as it is. */
export function copySnapshot(moment: MemorySnapshot): MemorySnapshot {
  return buildSnapshot(
    (kind) => new Map<string, unknown>(moment.entities[kind]),
    (log) => new Map<string, unknown>(moment.logs[log]),
    new Map(moment.histories),
  );
}

function buildSnapshot(
  entities: (kind: Kind) => Map<string, unknown>,
  logs: (log: LogKind) => Map<string, unknown>,
  histories: Map<Stream, StreamHistory>,
): MemorySnapshot {
  return {
    // One map for each kind of the catalogue, which is what the types are mapped over.
    entities: Object.fromEntries(kinds.map((kind) => [kind, entities(kind)])) as MemorySnapshot['entities'],
    logs: Object.fromEntries(logKinds.map((log) => [log, logs(log)])) as MemorySnapshot['logs'],
    histories,
  };
}

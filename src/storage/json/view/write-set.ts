import { type EntityOf, type Kind, kinds, type LogKind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import { type EventData, type EventName, streamsOfEvent } from '../../../domain/events.ts';
import type { Position } from '../../../domain/position.ts';
import { logFolder } from '../folder/store-layout.ts';
import type { Change, RecordedEvent } from '../journal/transaction-record.ts';
import type { LogCache } from '../logs/log-cache.ts';
import type { LogView } from '../logs/log-view.ts';
import { collectionEntry } from '../records/collection-entry.ts';
import { parseFrozen, toJson } from '../records/frozen-json.ts';
import { LayeredTable } from '../records/layered-table.ts';
import type { AnyQuery } from '../records/record-table.ts';
import type { ResultSet } from '../records/result-set.ts';
import type { StoredState } from '../state/stored-state.ts';
import { LogWriteSet } from './log-write-set.ts';
import type { ReadView } from './read-view.ts';

/** What a transaction changed so far, over what is committed. Nothing else may be committed meanwhile. */
export class WriteSet implements ReadView {
  readonly #state: StoredState;
  readonly #logCache: LogCache;
  readonly #layers = new Map<Kind, LayeredTable<EntityOf<Kind>>>();
  readonly #logs = new Map<string, LogWriteSet>();
  readonly #texts = new Map<unknown, string>();
  readonly #events: {
    readonly name: EventName;
    readonly data: EventData<EventName>;
    readonly text: string;
  }[] = [];

  constructor(state: StoredState, files: LogCache) {
    this.#state = state;
    this.#logCache = files;
  }

  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined {
    return (this.#layer(kind) ?? this.#state.table(kind)).get(id);
  }

  find<K extends Kind>(kind: K, query: AnyQuery): ResultSet<EntityOf<K>> {
    return (this.#layer(kind) ?? this.#state.table(kind)).find(query);
  }

  log(folder: string): LogView {
    return this.#logs.get(folder) ?? this.#logCache.view(this.#state.logs.get(folder));
  }

  position(stream: Stream, seq: number): Position {
    return this.#state.position(stream, seq);
  }

  /** Puts the entity in place of the one with its id, and returns it as it is stored. Throws when it is no JSON. */
  put<K extends Kind>(kind: K, entity: EntityOf<K>): EntityOf<K> {
    const text = toJson(entity);
    const stored = parseFrozen(text) as EntityOf<K>;
    this.#ensureLayer(kind).put(stored);
    this.#texts.set(stored, text);
    return stored;
  }

  /** Takes out the entity. */
  delete(kind: Kind, id: string): void {
    this.#ensureLayer(kind).delete(id);
  }

  /** Appends to a log and returns the number of the entry. Throws when it is no JSON. */
  append(kind: LogKind, id: string, entry: unknown): number {
    return this.#ensureLog(kind, id).append(toJson(entry));
  }

  /** Takes the log away. */
  drop(kind: LogKind, id: string): void {
    this.#ensureLog(kind, id).drop();
  }

  /** Adds an event. Throws when its data is no JSON. */
  emit<Name extends EventName>(name: Name, data: EventData<Name>): void {
    // What was stored in this transaction is often what the event tells: it is frozen and has its JSON already.
    const known = this.#texts.get(data);
    const text = known ?? toJson(data);
    this.#events.push({
      name,
      data: known === undefined ? (parseFrozen(text) as EventData<Name>) : data,
      text,
    });
  }

  /** Everything changed, as it goes into the journal. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const kind of kinds) {
      const layer = this.#layer(kind);
      for (const id of layer?.overriddenIds ?? []) {
        const entity = layer?.get(id);
        if (entity !== undefined)
          changes.push(['put', kind, entity, this.#texts.get(entity) ?? toJson(entity)]);
        else if (this.#state.table(kind).get(id) !== undefined) changes.push(['delete', kind, id]);
      }
    }
    for (const log of this.#logs.values()) changes.push(...log.changes());
    return changes;
  }

  /** Every event, numbered on in each of its streams. */
  events(): RecordedEvent[] {
    const heads = new Map<Stream, number>();
    return this.#events.map(({ name, data, text }) => {
      const seqs = new Map<Stream, number>();
      for (const stream of streamsOfEvent(name, data)) {
        const seq = (heads.get(stream) ?? this.#state.head(stream)) + 1;
        heads.set(stream, seq);
        seqs.set(stream, seq);
      }
      return { name, data, text, seqs };
    });
  }

  #layer<K extends Kind>(kind: K): LayeredTable<EntityOf<K>> | undefined {
    // Each layer was made from the table of its kind.
    return this.#layers.get(kind) as LayeredTable<EntityOf<K>> | undefined;
  }

  #ensureLayer<K extends Kind>(kind: K): LayeredTable<EntityOf<K>> {
    const present = this.#layer(kind);
    if (present !== undefined) return present;
    const layer = new LayeredTable(this.#state.table(kind), collectionEntry(kind));
    // Taken out again only by its kind.
    this.#layers.set(kind, layer as unknown as LayeredTable<EntityOf<Kind>>);
    return layer;
  }

  #ensureLog(kind: LogKind, id: string): LogWriteSet {
    const folder = logFolder(kind, id);
    let writes = this.#logs.get(folder);
    if (writes === undefined) {
      writes = new LogWriteSet(kind, id, this.log(folder));
      this.#logs.set(folder, writes);
    }
    return writes;
  }
}

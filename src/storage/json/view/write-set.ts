import { type EntityOf, type Kind, kinds, type LogKind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import { type EventData, type EventName, streamsOfEvent } from '../../../domain/events.ts';
import { parseFrozen, toJson } from '../../frozen-json.ts';
import { logFolder } from '../folder/store-layout.ts';
import type { Change, RecordedEvent } from '../journal/transaction-record.ts';
import { LayeredView } from './layered-view.ts';
import { LogWriteSet } from './log-write-set.ts';

/** What a transaction changed so far, over what is committed. Nothing else may be committed meanwhile. */
export class WriteSet extends LayeredView<LogWriteSet> {
  readonly #texts = new Map<unknown, string>();
  readonly #events: {
    readonly name: EventName;
    readonly data: EventData<EventName>;
    readonly text: string;
  }[] = [];

  /** Puts the entity in place of the one with its id, and returns it as it is stored. Throws when it is no JSON. */
  put<K extends Kind>(kind: K, entity: EntityOf<K>): EntityOf<K> {
    const text = toJson(entity);
    const stored = parseFrozen(text) as EntityOf<K>;
    this.ensureLayer(kind).put(stored);
    this.#texts.set(stored, text);
    return stored;
  }

  /** Takes out the entity. */
  delete(kind: Kind, id: string): void {
    this.ensureLayer(kind).delete(id);
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
      const layer = this.layer(kind);
      for (const id of layer?.overriddenIds ?? []) {
        const entity = layer?.get(id);
        if (entity !== undefined)
          changes.push(['put', kind, entity, this.#texts.get(entity) ?? toJson(entity)]);
        else if (this.state.table(kind).get(id) !== undefined) changes.push(['delete', kind, id]);
      }
    }
    for (const log of this.logs.values()) changes.push(...log.changes());
    return changes;
  }

  /** Every event, numbered on in each of its streams. */
  events(): RecordedEvent[] {
    const heads = new Map<Stream, number>();
    return this.#events.map(({ name, data, text }) => {
      const seqs = new Map<Stream, number>();
      for (const stream of streamsOfEvent(name, data)) {
        const seq = (heads.get(stream) ?? this.state.head(stream)) + 1;
        heads.set(stream, seq);
        seqs.set(stream, seq);
      }
      return { name, data, text, seqs };
    });
  }

  #ensureLog(kind: LogKind, id: string): LogWriteSet {
    const folder = logFolder(kind, id);
    let writes = this.logs.get(folder);
    if (writes === undefined) {
      writes = new LogWriteSet(kind, id, this.log(folder));
      this.logs.set(folder, writes);
    }
    return writes;
  }
}

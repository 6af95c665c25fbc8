import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import type { LogCache } from '../logs/log-cache.ts';
import type { LogView } from '../logs/log-view.ts';
import { collectionEntry } from '../records/collection-entry.ts';
import { LayeredTable } from '../records/layered-table.ts';
import type { AnyQuery } from '../records/record-table.ts';
import type { ResultSet } from '../records/result-set.ts';
import type { ChangeListener, StoredState } from '../state/stored-state.ts';
import type { ReadView } from './read-view.ts';

/**
 * Everything stored as it was at one moment, whatever is committed meanwhile: what changes is remembered as it was
 * before, and lies over what is.
 */
export class SnapshotView implements ReadView, ChangeListener {
  /** The newest transaction in it. */
  readonly tx: number;
  readonly #state: StoredState;
  readonly #logCache: LogCache;
  readonly #overlays = new Map<Kind, LayeredTable<EntityOf<Kind>>>();
  readonly #logs = new Map<string, LogView>();

  /** The view of this moment; it has to be released. */
  constructor(state: StoredState, files: LogCache) {
    this.#state = state;
    this.#logCache = files;
    this.tx = state.tx;
    state.changeListeners.add(this);
  }

  /** Ends remembering what was. */
  release(): void {
    this.#state.changeListeners.delete(this);
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

  beforeEntityChange(kind: Kind, id: string): void {
    let layer = this.#layer(kind);
    if (layer === undefined) {
      layer = new LayeredTable(this.#state.table(kind), collectionEntry(kind));
      this.#overlays.set(kind, layer);
    }
    if (layer.overriddenIds.has(id)) return;
    const before = this.#state.table(kind).get(id);
    if (before === undefined) layer.delete(id);
    else layer.put(before);
  }

  beforeLogChange(folder: string): void {
    if (!this.#logs.has(folder)) this.#logs.set(folder, this.log(folder));
  }

  #layer<K extends Kind>(kind: K): LayeredTable<EntityOf<K>> | undefined {
    // Each layer was made from the table of its kind.
    return this.#overlays.get(kind) as LayeredTable<EntityOf<K>> | undefined;
  }
}

import { collectionOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import type { LogCache } from '../logs/log-cache.ts';
import type { LogView } from '../logs/log-view.ts';
import { LayeredTable } from '../records/layered-table.ts';
import type { AnyQuery } from '../records/record-table.ts';
import type { ResultSet } from '../records/result-set.ts';
import type { StoredState } from '../state/stored-state.ts';

/** What one read or transaction sees: everything in memory, with layers over the tables and logs that differ for it. */
export class LayeredView<Log extends LogView = LogView> {
  protected readonly state: StoredState;
  protected readonly logs = new Map<string, Log>();
  readonly #logCache: LogCache;
  readonly #layers: { readonly [K in Kind]?: LayeredTable<EntityOf<K>> } = {};

  constructor(state: StoredState, logCache: LogCache) {
    this.state = state;
    this.#logCache = logCache;
  }

  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined {
    return (this.layer(kind) ?? this.state.table(kind)).get(id);
  }

  find<K extends Kind>(kind: K, query: AnyQuery): ResultSet<EntityOf<K>> {
    return (this.layer(kind) ?? this.state.table(kind)).find(query);
  }

  /** The log in a folder of the data folder. */
  log(folder: string): LogView {
    return this.logs.get(folder) ?? this.#logCache.view(this.state.logs.get(folder));
  }

  position(stream: Stream, seq: number): Position {
    return this.state.position(stream, seq);
  }

  /** The layer over the table of a kind, undefined while nothing differs. */
  protected layer<K extends Kind>(kind: K): LayeredTable<EntityOf<K>> | undefined {
    return this.#layers[kind];
  }

  /** The layer over the table of a kind, made when it is first needed. */
  protected ensureLayer<K extends Kind>(kind: K): LayeredTable<EntityOf<K>> {
    const present = this.layer(kind);
    if (present !== undefined) return present;
    const layer = new LayeredTable(this.state.table(kind), collectionOf(kind));
    Object.assign(this.#layers, { [kind]: layer });
    return layer;
  }
}

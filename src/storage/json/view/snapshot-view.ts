import type { Kind } from '../../../application/store/collections.ts';
import type { LogCache } from '../logs/log-cache.ts';
import type { ChangeListener, StoredState } from '../state/stored-state.ts';
import { LayeredView } from './layered-view.ts';

/** Everything stored as it was at one moment: what changes afterwards is kept in a layer as it was before. */
export class SnapshotView extends LayeredView implements ChangeListener {
  /** The newest transaction in it. */
  readonly tx: number;

  /** The view of this moment; it has to be released. */
  constructor(state: StoredState, logCache: LogCache) {
    super(state, logCache);
    this.tx = state.tx;
    state.changeListeners.add(this);
  }

  /** Stops keeping what changes. */
  release(): void {
    this.state.changeListeners.delete(this);
  }

  beforeEntityChange(kind: Kind, id: string): void {
    const layer = this.ensureLayer(kind);
    if (layer.overriddenIds.has(id)) return;
    const before = this.state.table(kind).get(id);
    if (before === undefined) layer.delete(id);
    else layer.put(before);
  }

  beforeLogChange(folder: string): void {
    if (!this.logs.has(folder)) this.logs.set(folder, this.log(folder));
  }
}

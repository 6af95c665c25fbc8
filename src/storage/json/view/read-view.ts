import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import type { LogView } from '../logs/log-view.ts';
import type { AnyQuery } from '../records/record-table.ts';
import type { ResultSet } from '../records/result-set.ts';

/** What one piece of work sees of everything stored. */
export interface ReadView {
  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined;
  find<K extends Kind>(kind: K, query: AnyQuery): ResultSet<EntityOf<K>>;
  /** The log in a folder of the data folder. */
  log(folder: string): LogView;
  position(stream: Stream, seq: number): Position;
}

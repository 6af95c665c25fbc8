import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import type { Position, Stream } from '../../../domain/channel.ts';
import type { LogLine } from '../logs/log-line.ts';
import type { AnyQuery } from '../records/record-table.ts';
import type { Found } from '../records/result-set.ts';

/** What one piece of work sees of everything stored. */
export interface Sight {
  get<K extends Kind>(kind: K, id: string): EntityOf<K> | undefined;
  find<K extends Kind>(kind: K, query: AnyQuery): Found<EntityOf<K>>;
  /** The log in a folder of the data folder. */
  log(folder: string): LogSight;
  position(stream: Stream, seq: number): Position;
}

/** What one piece of work sees of a log. */
export interface LogSight {
  /** The numbers of the first line that is kept and of the last one, which is 0 when there never was one. */
  readonly first: number;
  readonly last: number;
  /** When the last line was committed. */
  readonly newest: number;
  /** The lines behind number `after` up to number `to`. Throws when a file is gone or damaged. */
  read(after: number, to: number): readonly LogLine[] | Promise<readonly LogLine[]>;
}

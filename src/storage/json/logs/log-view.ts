import type { LogLine } from './log-line.ts';

/** What one piece of work sees of a log. */
export interface LogView {
  /** The numbers of the first line that is kept and of the last one, which is 0 when there never was one. */
  readonly first: number;
  readonly last: number;
  /** When the last line was committed. */
  readonly newest: number;
  /** The lines behind number `after` up to number `to`. Throws when a file is gone or damaged. */
  read(after: number, to: number): readonly LogLine[] | Promise<readonly LogLine[]>;
}

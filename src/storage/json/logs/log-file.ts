import { join } from 'node:path';
import type { FileSystem } from '../disk/file-system.ts';
import { LogLine } from './log-line.ts';
import { type LogSegment, lastLineNumber, readSegment } from './log-segment.ts';

const recentLines = 20;
const recentBytes = 64 * 1024;

/**
 * One append-only log: lines in segment files as far as a checkpoint wrote them, the later ones in memory, and beside
 * those the newest of the written ones. What an entry costs does not depend on how many there are.
 */
export class LogFile {
  /** Where its segments lie, relative to the data folder. */
  readonly folder: string;
  #segments: readonly LogSegment[];
  #written: number;
  #pending: LogLine[] = [];
  #recent: LogLine[] = [];
  #segmentNumber = 0;

  /** As a checkpoint describes it: its segments, and how many lines there ever were. */
  constructor(folder: string, segments: readonly LogSegment[] = [], written = 0) {
    this.folder = folder;
    this.#segments = segments;
    this.#written = written;
  }

  get segments(): readonly LogSegment[] {
    return this.#segments;
  }

  /** The number of the last line that is in a segment, 0 when none is. */
  get written(): number {
    return this.#written;
  }

  /** The number of the last line, 0 when there is none. */
  get last(): number {
    return this.#written + this.#pending.length;
  }

  /** The number of the first line that is kept, one more than the last when none is. */
  get first(): number {
    return this.#segments[0]?.first ?? this.#written + 1;
  }

  /** When the last line was committed, in epoch milliseconds; 0 when none is kept. */
  get newest(): number {
    return this.#pending.at(-1)?.committedAt ?? this.#segments.at(-1)?.newest ?? 0;
  }

  /** How many characters are held in memory of what can be read again. */
  get cachedCharacters(): number {
    return this.#recent.reduce((sum, line) => sum + line.text.length, 0);
  }

  append(line: LogLine): void {
    this.#pending.push(line);
  }

  /** The lines in memory that are not in a segment yet, up to number `last`. */
  pendingUpTo(last: number): readonly LogLine[] {
    return this.#pending.slice(0, Math.max(0, last - this.#written));
  }

  /** How many segments this process has begun: the number of the newest of them. */
  get segmentNumber(): number {
    return this.#segmentNumber;
  }

  /** Counts one more segment begun; the newest is never appended to again. */
  beginSegment(): number {
    this.#segmentNumber++;
    return this.#segmentNumber;
  }

  /** Notes that the first `count` lines in memory are in these segments now. */
  markWritten(segments: readonly LogSegment[], count: number): void {
    this.#segments = segments;
    this.#written += count;
    this.#keepRecent([...this.#recent, ...this.#pending.slice(0, count)]);
    this.#pending = this.#pending.slice(count);
  }

  /** Lets go of segments whose every line comes before number `first` or is older than `instant`; returns them. */
  trim(first: number, instant: number): readonly LogSegment[] {
    const isDue = (segment: LogSegment) => lastLineNumber(segment) < first || segment.newest < instant;
    const kept = this.#segments.findIndex((segment) => !isDue(segment));
    const due = kept === -1 ? this.#segments : this.#segments.slice(0, kept);
    this.#segments = this.#segments.slice(due.length);
    return due;
  }

  /** Forgets what can be read again. */
  dropCache(): void {
    this.#recent = [];
  }

  /** The lines behind number `after` up to number `to`; at once when in memory. Throws when a file is gone or damaged. */
  read(
    files: FileSystem,
    root: string,
    after: number,
    to: number,
  ): readonly LogLine[] | Promise<readonly LogLine[]> {
    if (after >= to) return [];
    const warm = this.#written - this.#recent.length;
    if (after >= warm) return [...this.#recent, ...this.#pending].slice(after - warm, to - warm);
    return this.#readFiles(files, root, after + 1, to);
  }

  async #readFiles(files: FileSystem, root: string, from: number, to: number): Promise<readonly LogLine[]> {
    const written = this.#written;
    // Taken before the first wait, as what is pending may settle meanwhile.
    const pending = this.#pending.slice(0, Math.max(0, to - written));
    const lines: LogLine[] = [];
    for (const segment of this.#segments) {
      const first = Math.max(from, segment.first);
      const last = Math.min(to, lastLineNumber(segment));
      if (first > last) continue;
      const path = join(root, this.folder, segment.name);
      const texts = await readSegment(files, path, segment, first, last);
      for (const text of texts) lines.push(new LogLine(text, segment.newest));
    }
    if (to >= written && written === this.#written) this.#keepRecent(lines);
    return [...lines, ...pending];
  }

  #keepRecent(lines: readonly LogLine[]): void {
    let bytes = 0;
    const newest = lines.slice(-recentLines);
    const large = newest.findLastIndex((line) => {
      bytes += line.text.length;
      return bytes > recentBytes;
    });
    this.#recent = newest.slice(large + 1);
  }
}

import type { LogKind } from '../../../application/store/collections.ts';
import type { Change } from '../journal/transaction-record.ts';
import { LogLine } from '../logs/log-line.ts';
import type { LogView } from '../logs/log-view.ts';

/** What a transaction did to one log: it may have taken it away, and appended lines. */
export class LogWriteSet implements LogView {
  readonly #kind: LogKind;
  readonly #id: string;
  readonly #base: LogView;
  readonly #lines: LogLine[] = [];
  #dropped = false;

  constructor(kind: LogKind, id: string, before: LogView) {
    this.#kind = kind;
    this.#id = id;
    this.#base = before;
  }

  get first(): number {
    return this.#dropped ? 1 : this.#base.first;
  }

  get last(): number {
    return this.#kept + this.#lines.length;
  }

  get newest(): number {
    return this.#base.newest;
  }

  append(text: string): number {
    this.#lines.push(new LogLine(text, 0));
    return this.last;
  }

  drop(): void {
    this.#dropped = true;
    this.#lines.length = 0;
  }

  read(after: number, to: number): readonly LogLine[] | Promise<readonly LogLine[]> {
    const kept = this.#kept;
    const own = this.#lines.slice(Math.max(0, after - kept), Math.max(0, to - kept));
    if (after >= kept) return own;
    const before = this.#base.read(after, Math.min(to, kept));
    if (own.length === 0) return before;
    return before instanceof Promise ? before.then((lines) => [...lines, ...own]) : [...before, ...own];
  }

  /** Everything done, as it goes into the journal. */
  changes(): Change[] {
    const changes: Change[] = [];
    if (this.#dropped && this.#base.last > 0) changes.push(['drop', this.#kind, this.#id]);
    let n = this.#kept;
    for (const { value, text } of this.#lines)
      changes.push(['append', this.#kind, this.#id, ++n, value, text]);
    return changes;
  }

  /** How many of the lines before are still there. */
  get #kept(): number {
    return this.#dropped ? 0 : this.#base.last;
  }
}

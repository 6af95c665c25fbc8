import { join } from 'node:path';
import { decodeLine, holdsAnother, splitLines } from '../disk/checksummed-line.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { layout, parseSegmentName } from '../folder/store-layout.ts';
import { decodeTransaction, type TransactionRecord, type WrittenTransaction } from './transaction-record.ts';

interface SegmentFile {
  readonly path: string;
  readonly term: number;
}

interface Header {
  readonly term: number;
  /** The transaction before the first one of the segment; later ones of earlier terms are void. */
  readonly after: number;
}

/** A committed transaction and where it stands. */
export interface JournalEntry {
  readonly record: TransactionRecord;
  readonly file: string;
  readonly line: number;
}

/** The end of a term's journal that was never acknowledged, since nothing whole follows it. */
export interface TornTail {
  readonly file: string;
  readonly line: number;
}

/** Reads the transactions behind a checkpoint from the journal, in order. */
export class JournalReader {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #segments: readonly SegmentFile[];
  #last: number;
  /** What was passed over; complete once everything is read. */
  readonly tornTails: TornTail[] = [];

  /** `first` is the segment to begin with, null for whatever is there. Throws DamageError when that is missing. */
  constructor(files: FileSystem, root: string, first: string | null, after: number) {
    this.#files = files;
    this.#root = root;
    this.#last = after;
    const names = files.list(join(root, layout.journal)).map((entry) => entry.name);
    if (first !== null && !names.includes(first)) {
      throw new DamageError({ file: `${layout.journal}/${first}`, lastTx: after }, 'the file is missing');
    }
    this.#segments = names
      .filter((name) => parseSegmentName(name) !== undefined && name >= (first ?? ''))
      .sort()
      .map((name) => ({ path: `${layout.journal}/${name}`, term: parseSegmentName(name)?.term ?? 0 }));
  }

  /** The transactions, up to number `end`. Throws DamageError where something acknowledged is damaged or missing. */
  *entries(end = Number.POSITIVE_INFINITY): Generator<JournalEntry> {
    for (const term of new Set(this.#segments.map((segment) => segment.term))) {
      for (const entry of this.#termEntries(term)) {
        yield entry;
        // What follows may be damaged, and is not looked at.
        if (entry.record.tx >= end) return;
      }
    }
  }

  *#termEntries(term: number): Generator<JournalEntry> {
    const limit = this.#voidAfter(term);
    // A later term began with all that counts of it, so it does not matter what has become of the rest.
    if (limit <= this.#last) return;
    let bad: TornTail | undefined;
    for (const { path } of this.#segments.filter((segment) => segment.term === term)) {
      let number = 0;
      for (const { line, torn } of splitLines(this.#read(path))) {
        number++;
        const place = { file: path, line: number };
        const value = torn ? undefined : decodeLine(line);
        // A batch is only written when the one before is on the disk: whatever follows shows that all before it was.
        if (bad !== undefined) throw this.#damage(bad, 'the line is damaged, and others follow it');
        if (value === undefined) {
          if (holdsAnother(line)) throw this.#damage(place, 'the line is damaged, and so is its end');
          bad = place;
          continue;
        }
        if (number === 1) this.#assertFollows(value as Header, place);
        else yield* this.#batchEntries(value as { txs: readonly WrittenTransaction[] }, place, limit);
      }
    }
    if (bad !== undefined) this.tornTails.push(bad);
  }

  *#batchEntries(
    batch: { readonly txs: readonly WrittenTransaction[] },
    place: { readonly file: string; readonly line: number },
    limit: number,
  ): Generator<JournalEntry> {
    for (const written of batch.txs) {
      if (written.tx <= this.#last || written.tx > limit) continue;
      if (written.tx !== this.#last + 1) {
        throw this.#damage(place, `transaction ${written.tx} stands where ${this.#last + 1} belongs`);
      }
      yield { record: decodeTransaction(written), ...place };
      this.#last = written.tx;
    }
  }

  #assertFollows({ after }: Header, place: { readonly file: string; readonly line: number }): void {
    if (typeof after !== 'number') throw this.#damage(place, 'it is not the beginning of a segment');
    if (after <= this.#last) return;
    throw this.#damage(place, `the transactions from ${this.#last + 1} to ${after} are missing before it`);
  }

  /** The last transaction of a term that counts: a later term began behind it, whatever was written after that. */
  #voidAfter(term: number): number {
    let limit = Number.POSITIVE_INFINITY;
    for (const { path, term: other } of this.#segments) {
      if (other <= term) continue;
      const [first] = splitLines(this.#read(path));
      const header = first === undefined || first.torn ? undefined : decodeLine(first.line);
      if (header !== undefined) limit = Math.min(limit, (header as Header).after);
    }
    return limit;
  }

  #read(path: string): Uint8Array {
    return this.#files.read(join(this.#root, path)) ?? new Uint8Array();
  }

  #damage(place: { readonly file: string; readonly line: number }, what: string): DamageError {
    return new DamageError({ ...place, lastTx: this.#last }, what);
  }
}

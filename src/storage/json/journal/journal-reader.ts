import { join } from 'node:path';
import { containsLineStart, decodeLine, splitLines } from '../disk/checksummed-line.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { layout, parseSegmentName } from '../folder/store-layout.ts';
import {
  decodeTransaction,
  type SerializedTransaction,
  type TransactionRecord,
} from './transaction-record.ts';

interface SegmentFile {
  readonly path: string;
  readonly term: number;
}

interface SegmentHeader {
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
  /** The segment whose beginning was on the disk before it was counted on. */
  readonly #firstPath: string | undefined;
  #lastTx: number;
  /** What was passed over; complete once everything is read. */
  readonly tornTails: TornTail[] = [];

  /** `first` is the segment to begin with, null for whatever is there. Throws DamageError when that is missing. */
  constructor(files: FileSystem, root: string, first: string | null, after: number) {
    this.#files = files;
    this.#root = root;
    this.#lastTx = after;
    const names = files.list(join(root, layout.journal)).map((entry) => entry.name);
    if (first !== null && !names.includes(first)) {
      throw new DamageError({ file: `${layout.journal}/${first}`, lastTx: after }, 'the file is missing');
    }
    this.#firstPath = first === null ? undefined : `${layout.journal}/${first}`;
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
    const limit = this.#lastValidTx(term);
    // A later term began with all that counts of it, so it does not matter what has become of the rest.
    if (limit <= this.#lastTx) return;
    let bad: TornTail | undefined;
    for (const { path } of this.#segments.filter((segment) => segment.term === term)) {
      let number = 0;
      for (const { line, torn } of splitLines(this.#read(path))) {
        number++;
        const place = { file: path, line: number };
        const value = torn ? undefined : decodeLine(line);
        // A batch is only written when the one before is on the disk: whatever follows shows that all before it was.
        if (bad !== undefined) throw this.#damageError(bad, 'the line is damaged, and others follow it');
        if (value === undefined) {
          if (number === 1 && path === this.#firstPath) {
            throw this.#damageError(place, 'the beginning of the file is damaged');
          }
          if (containsLineStart(line))
            throw this.#damageError(place, 'the line is damaged, and so is its end');
          bad = place;
          continue;
        }
        if (number === 1) this.#assertFollows(value as SegmentHeader, place);
        else yield* this.#batchEntries(value as { txs: readonly SerializedTransaction[] }, place, limit);
      }
      if (number === 0 && path === this.#firstPath) {
        throw this.#damageError({ file: path, line: 1 }, 'the file is empty');
      }
    }
    if (bad !== undefined) this.tornTails.push(bad);
  }

  *#batchEntries(
    batch: { readonly txs: readonly SerializedTransaction[] },
    place: { readonly file: string; readonly line: number },
    limit: number,
  ): Generator<JournalEntry> {
    for (const written of batch.txs) {
      if (written.tx <= this.#lastTx || written.tx > limit) continue;
      if (written.tx !== this.#lastTx + 1) {
        throw this.#damageError(place, `transaction ${written.tx} stands where ${this.#lastTx + 1} belongs`);
      }
      yield { record: decodeTransaction(written), ...place };
      this.#lastTx = written.tx;
    }
  }

  #assertFollows({ after }: SegmentHeader, place: { readonly file: string; readonly line: number }): void {
    if (typeof after !== 'number') throw this.#damageError(place, 'it is not the beginning of a segment');
    if (after <= this.#lastTx) return;
    throw this.#damageError(
      place,
      `the transactions from ${this.#lastTx + 1} to ${after} are missing before it`,
    );
  }

  /** The last transaction of a term that counts: a later term began behind it, whatever was written after that. */
  #lastValidTx(term: number): number {
    let limit = Number.POSITIVE_INFINITY;
    for (const { path, term: other } of this.#segments) {
      if (other <= term) continue;
      const [first] = splitLines(this.#read(path));
      const header = first === undefined || first.torn ? undefined : decodeLine(first.line);
      if (header !== undefined) limit = Math.min(limit, (header as SegmentHeader).after);
    }
    return limit;
  }

  #read(path: string): Uint8Array {
    return this.#files.read(join(this.#root, path)) ?? new Uint8Array();
  }

  #damageError(place: { readonly file: string; readonly line: number }, what: string): DamageError {
    return new DamageError({ ...place, lastTx: this.#lastTx }, what);
  }
}

/** Whether there is anything in a segment but its first line, which says where it begins. */
export function hasBatches(bytes: Uint8Array | undefined): boolean {
  const [first, ...others] = splitLines(bytes ?? new Uint8Array());
  return others.length > 0 || (first !== undefined && containsLineStart(first.line));
}

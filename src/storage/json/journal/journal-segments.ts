import { encodeLine } from '../disk/checksummed-line.ts';
import type { AppendFile } from '../disk/file-system.ts';
import type { OwnedFolder } from '../folder/owned-folder.ts';
import { layout, segmentName } from '../folder/store-layout.ts';

const maxBatchLength = 8 * 1024 * 1024;

interface JournalSegment {
  readonly name: string;
  bytes: number;
  batches: number;
}

/**
 * The files of the journal that this term writes. What is written is on the disk, and is read by whoever takes the
 * folder over, once the promise resolves.
 */
export class JournalSegments {
  readonly #folder: OwnedFolder;
  readonly #segments: JournalSegment[] = [];
  #file: AppendFile | undefined;
  #number = 0;

  constructor(folder: OwnedFolder) {
    this.#folder = folder;
  }

  /** The segment that is being written. */
  get current(): Readonly<JournalSegment> {
    return this.#current;
  }

  /** How many bytes there are that were not removed. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /**
   * Begins the journal of this term with the transactions behind `after` that an earlier term wrote. The segment appears
   * as a whole, and what earlier terms wrote behind `after` is void then: it may never have reached the disk.
   */
  async beginTerm(after: number, texts: readonly string[]): Promise<void> {
    const path = `${layout.journal}/${this.#addSegment()}`;
    const file = await this.#folder.create(`${path}.new`);
    this.#file = file;
    await this.#append(this.#header(after));
    for (let i = 0; i < texts.length; ) {
      const batch: string[] = [];
      for (let length = 0; i < texts.length && length < maxBatchLength; i++) {
        const text = texts[i] ?? '';
        batch.push(text);
        length += text.length;
      }
      await this.#appendBatch(batch);
    }
    await file.sync();
    await this.close();
    await this.#folder.move(`${path}.new`, path);
    await this.#folder.sync();
    this.#file = await this.#folder.openForAppend(path);
  }

  /** Begins a segment for the transactions behind `after`. */
  async beginSegment(after: number): Promise<void> {
    await this.close();
    this.#file = await this.#folder.create(`${layout.journal}/${this.#addSegment()}`);
    await this.#append(this.#header(after));
    await this.#file.sync();
    await this.#folder.files.syncFolder(this.#folder.at(layout.journal));
  }

  /** Writes these transactions as one batch. */
  async writeBatch(texts: readonly string[]): Promise<void> {
    await this.#appendBatch(texts);
    await this.#file?.sync();
    // Behind the sync, as a successor goes the other way round: it claims the folder, and then reads.
    this.#folder.fence.assertOwned();
  }

  /** Removes the segments before this one, of every term, or all for null. */
  async trim(segment: string | null): Promise<void> {
    const isSuperfluous = (name: string) => segment === null || name < segment;
    const listed = this.#folder.files.list(this.#folder.at(layout.journal)).map(({ name }) => name);
    const own = segmentName(this.#folder.term, 0);
    const [earlier, later] = [listed.filter((name) => name < own), listed.filter((name) => name >= own)];
    const remove = async (names: readonly string[]) => {
      for (const name of names.filter(isSuperfluous))
        await this.#folder.removeListed(`${layout.journal}/${name}`);
    };
    await remove(earlier);
    // Once nothing of this term is left, what earlier ones wrote is void no longer: it has to be gone for good before.
    if (segment === null) await this.#folder.files.syncFolder(this.#folder.at(layout.journal));
    await remove(later);
    const kept = this.#segments.findIndex(({ name }) => !isSuperfluous(name));
    this.#segments.splice(0, kept === -1 ? this.#segments.length : kept);
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  get #current(): JournalSegment {
    const current = this.#segments.at(-1);
    if (current === undefined) throw new RangeError('The journal has not begun.');
    return current;
  }

  #addSegment(): string {
    const name = segmentName(this.#folder.term, ++this.#number);
    this.#segments.push({ name, bytes: 0, batches: 0 });
    return name;
  }

  #header(after: number): string {
    return JSON.stringify({ term: this.#folder.term, after });
  }

  async #appendBatch(texts: readonly string[]): Promise<void> {
    await this.#append(`{"txs":[${texts.join(',')}]}`);
    this.#current.batches++;
  }

  async #append(json: string): Promise<void> {
    const line = encodeLine(json);
    await this.#file?.append(line);
    this.#current.bytes += line.length;
  }
}

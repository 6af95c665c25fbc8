import { posix } from 'node:path';
import { expect } from 'vitest';
import { DamageError } from '../../../../src/storage/json/disk/damage-error.ts';
import { type Random, randomFrom, seedOfRun } from '../../../support/random.ts';
import { SimulatedDisk, SimulatedFile } from './simulated-disk.ts';
import { fileOf, folderAbove, folderOf, requireNode } from './simulated-paths.ts';
import { type Known, StoreLife, type Variant } from './store-life.ts';
import { madeWorks, modelledWorkload, type Workload } from './workload.ts';

/** A line of the journal: where it stands, and the last transaction before it and up to its end. */
interface Line {
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: number;
  readonly upTo: number;
}

/** A disk as a crash left it, with a journal of several segments. */
export class CrashedDisk {
  readonly seed: number;
  readonly random: Random;
  readonly workload: Workload;
  /** What was known of the store at the crash. */
  readonly known: Known;
  readonly lines: readonly Line[];
  readonly #disk: SimulatedDisk;

  static async make(seed = seedOfRun()): Promise<CrashedDisk> {
    const works = madeWorks(randomFrom(seed), 9);
    const steps = works.map((work) => ({ do: 'commit' as const, works: [work] }));
    const workload = await modelledWorkload(steps, { events: 50_000, ageMs: 1e9 });
    const life = new StoreLife(new SimulatedDisk(), workload, {
      options: { checkpointBytes: 1e9, segmentBytes: 1500 },
    });
    await life.run(workload.steps, await life.start());
    await life.end();
    return new CrashedDisk(seed, workload, life);
  }

  constructor(seed: number, workload: Workload, { disk, known }: StoreLife) {
    this.seed = seed;
    this.random = randomFrom(seed);
    this.workload = workload;
    this.known = known;
    this.#disk = disk;
    this.lines = linesOf(disk);
  }

  /** The content of a segment. */
  bytesOf(file: string): Uint8Array {
    return fileOf(requireNode(this.#disk, `/data/${file}`), file).bytes;
  }

  /** A disk like it with other content of a segment, and nothing unsynced. */
  imageWith(file: string, bytes: Uint8Array): SimulatedDisk {
    const { moment } = this.#disk;
    const kept = new Map(this.#disk.unsyncedAt(moment).map((effect) => [effect, 'kept'] as const));
    const disk = this.#disk.afterPowerCut(moment, kept);
    const folder = folderAbove(disk, `/data/${file}`);
    disk.name(folder, [posix.basename(file), new SimulatedFile(bytes)]);
    disk.sync(folder, disk.moment);
    return disk;
  }

  /** Starts on the disk with other content of a segment; resolves to how many transactions are found. */
  async startWith(file: string, bytes: Uint8Array, variant: Variant = {}): Promise<number> {
    const life = new StoreLife(this.imageWith(file, bytes), this.workload, { variant });
    try {
      return await life.start();
    } finally {
      await life.end();
    }
  }

  /** Expects a start with this content to refuse, naming the place. */
  async expectRefusal(file: string, bytes: Uint8Array, place: object, context: string): Promise<void> {
    const refusal = await this.startWith(file, bytes).catch((error: unknown) => error);
    expect(refusal, context).toBeInstanceOf(DamageError);
    expect(refusal, context).toMatchObject({ place });
  }
}

function linesOf(disk: SimulatedDisk): Line[] {
  const lines: Line[] = [];
  let last = 0;
  for (const name of [...folderOf(requireNode(disk, '/data/journal'), 'journal').names.keys()].sort()) {
    const file = `journal/${name}`;
    const { bytes } = fileOf(requireNode(disk, `/data/${file}`), file);
    for (let start = 0, line = 1; start < bytes.length; line++) {
      const end = bytes.indexOf(0x0a, start) + 1;
      const said = JSON.parse(Buffer.from(bytes.subarray(start + 9, end)).toString());
      const before = last;
      last = said.txs?.at(-1).tx ?? last;
      lines.push({ file, line, start, end, before, upTo: last });
      start = end;
    }
  }
  return lines;
}

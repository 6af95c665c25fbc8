import { posix } from 'node:path';
import { expect } from 'vitest';
import { DamageError } from '../../../../../src/storage/json/disk/damage-error.ts';
import { createRandom, type Random, readSeed } from '../../../../support/samples/random.ts';
import { SimulatedDisk, SimulatedFile } from '../simulation/simulated-disk.ts';
import { asFile, asFolder, parentFolderOf, requireNode } from '../simulation/simulated-paths.ts';
import { type KnownState, StoreRun, type StoreVariant } from '../simulation/store-run.ts';
import { buildWorkload, generateWorks, type Workload } from '../simulation/workload.ts';

/** A line of the journal: where it stands, and the last transaction before it and up to its end. */
interface JournalLine {
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
  readonly known: KnownState;
  readonly lines: readonly JournalLine[];
  readonly #disk: SimulatedDisk;

  static async make(seed = readSeed()): Promise<CrashedDisk> {
    const works = generateWorks(createRandom(seed), 9);
    const steps = works.map((work) => ({ do: 'commit' as const, works: [work] }));
    const workload = await buildWorkload(steps, { events: 50_000, ageMs: 1e9 });
    const life = new StoreRun(new SimulatedDisk(), workload, {
      options: { checkpointBytes: 1e9, segmentBytes: 1500 },
    });
    await life.run(workload.steps, await life.start());
    await life.cutPower();
    return new CrashedDisk(seed, workload, life);
  }

  constructor(seed: number, workload: Workload, { disk, known }: StoreRun) {
    this.seed = seed;
    this.random = createRandom(seed);
    this.workload = workload;
    this.known = known;
    this.#disk = disk;
    this.lines = linesOf(disk);
  }

  /** The content of a segment. */
  contentOf(file: string): Uint8Array {
    return asFile(requireNode(this.#disk, `/data/${file}`), file).bytes;
  }

  /** A disk like it with other content of a segment, and nothing unsynced. */
  imageWith(file: string, bytes: Uint8Array): SimulatedDisk {
    const { moment } = this.#disk;
    const kept = new Map(this.#disk.unsyncedAt(moment).map((effect) => [effect, 'kept'] as const));
    const disk = this.#disk.afterPowerCut(moment, kept);
    const folder = parentFolderOf(disk, `/data/${file}`);
    disk.link(folder, [posix.basename(file), new SimulatedFile(bytes)]);
    disk.sync(folder, disk.moment);
    return disk;
  }

  /** Starts on the disk with other content of a segment; resolves to how many transactions are found. */
  async startWith(file: string, bytes: Uint8Array, variant: StoreVariant = {}): Promise<number> {
    const life = new StoreRun(this.imageWith(file, bytes), this.workload, { variant });
    try {
      return await life.start();
    } finally {
      await life.cutPower();
    }
  }

  /** Expects a start with this content to refuse, naming the place. */
  async expectDamage(file: string, bytes: Uint8Array, place: object, context: string): Promise<void> {
    const refusal = await this.startWith(file, bytes).catch((error: unknown) => error);
    expect(refusal, context).toBeInstanceOf(DamageError);
    expect(refusal, context).toMatchObject({ location: place });
  }
}

function linesOf(disk: SimulatedDisk): JournalLine[] {
  const lines: JournalLine[] = [];
  let last = 0;
  for (const name of [...asFolder(requireNode(disk, '/data/journal'), 'journal').entries.keys()].sort()) {
    const file = `journal/${name}`;
    const { bytes } = asFile(requireNode(disk, `/data/${file}`), file);
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

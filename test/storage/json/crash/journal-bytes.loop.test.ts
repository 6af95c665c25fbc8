import { expect, it } from 'vitest';
import { DamageError } from '../../../../src/storage/json/damage.ts';
import { randomFrom, seedOfRun } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { fileOf, folderOf, requireNode } from './simulated-paths.ts';
import { StoreLife } from './store-life.ts';
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
class CrashedDisk {
  readonly seed = seedOfRun();
  readonly random = randomFrom(this.seed);
  readonly #workload: Workload;
  readonly #disk: SimulatedDisk;
  readonly lines: readonly Line[];

  static async make(): Promise<CrashedDisk> {
    const works = madeWorks(randomFrom(seedOfRun()), 9);
    const steps = works.map((work) => ({ do: 'commit' as const, works: [work] }));
    const workload = await modelledWorkload(steps, { events: 50_000, ageMs: 1e9 });
    const life = new StoreLife(new SimulatedDisk(), workload, {
      options: { checkpointBytes: 1e9, segmentBytes: 1500 },
    });
    await life.run(workload.steps, await life.start());
    await life.end();
    return new CrashedDisk(workload, life.disk);
  }

  constructor(workload: Workload, disk: SimulatedDisk) {
    this.#workload = workload;
    this.#disk = disk;
    this.lines = linesOf(disk);
  }

  /** The content of a segment. */
  bytesOf(file: string): Uint8Array {
    return fileOf(requireNode(this.#disk, `/data/${file}`), file).bytes;
  }

  /** Starts on the disk with other content of a segment; resolves to how many transactions are found. */
  async startWith(file: string, bytes: Uint8Array): Promise<number> {
    const { moment } = this.#disk;
    const kept = new Map(this.#disk.unsyncedAt(moment).map((effect) => [effect, 'kept'] as const));
    const disk = this.#disk.afterPowerCut(moment, kept);
    fileOf(requireNode(disk, `/data/${file}`), file).bytes = bytes;
    const life = new StoreLife(disk, this.#workload);
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

it('[CR7] drops a last batch that is cut at any byte, and refuses a journal that is cut anywhere else', async () => {
  const crashed = await CrashedDisk.make();
  const { lines, seed } = crashed;
  const last = lines.at(-1);
  const ends = lines.filter((line, i) => lines[i + 1]?.file !== line.file);
  expect(ends.length).toBeGreaterThan(1);
  for (const [i, { file, line, start, end, before }] of ends.entries()) {
    const whole = crashed.bytesOf(file);
    for (let cut = end - 1; cut >= start; cut -= size(29, 1)) {
      const context = `TEST_SEED=${seed}, ${file} cut at ${cut}`;
      const bytes = whole.subarray(0, cut);
      if (file === last?.file) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else {
        // Where a batch is gone without a trace, it is missed at the beginning of the next segment.
        const place = cut === start ? { file: ends[i + 1]?.file, line: 1 } : { file, line };
        await crashed.expectRefusal(file, bytes, { ...place, lastTx: before }, context);
      }
    }
  }
});

it('[CR8] drops a last batch with a changed byte, and refuses any other changed byte, naming its place', async () => {
  const crashed = await CrashedDisk.make();
  const { lines, random, seed } = crashed;
  for (const { file, line, start, end, before } of lines) {
    const whole = crashed.bytesOf(file);
    const step = size(97, 1);
    for (let at = end - 1; at >= start; at -= step) {
      const bytes = whole.slice();
      bytes[at] = (whole[at] ?? 0) ^ (1 << random(8));
      const context = `TEST_SEED=${seed}, ${file} with another byte at ${at}`;
      const isLast = end === whole.length && file === lines.at(-1)?.file;
      if (isLast) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else await crashed.expectRefusal(file, bytes, { file, line, lastTx: before }, context);
    }
  }
});

it('[CR8] drops a last batch of zeros, and refuses any other zeros, naming their place', async () => {
  const crashed = await CrashedDisk.make();
  for (const { file, line, start, end, before } of crashed.lines) {
    const isLast = end === crashed.bytesOf(file).length && file === crashed.lines.at(-1)?.file;
    for (const [from, to] of [
      [start, end] as const,
      [start, end - 1] as const,
      [(start + end) >> 1, end] as const,
    ]) {
      const bytes = crashed.bytesOf(file).slice().fill(0, from, to);
      const context = `TEST_SEED=${crashed.seed}, ${file} with zeros from ${from} to ${to}`;
      if (isLast) expect(await crashed.startWith(file, bytes), context).toBe(before);
      else await crashed.expectRefusal(file, bytes, { file, line, lastTx: before }, context);
    }
  }
});

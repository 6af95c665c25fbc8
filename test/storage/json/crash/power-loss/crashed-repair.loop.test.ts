import { expect, it } from 'vitest';
import { DamageError } from '../../../../../src/storage/json/disk/damage-error.ts';
import { readSeed } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { enumeratePowerCuts } from '../simulation/power-cuts.ts';
import { type SimulatedDisk, SimulatedFile } from '../simulation/simulated-disk.ts';
import { findNode } from '../simulation/simulated-paths.ts';
import { type KnownState, StoreRun } from '../simulation/store-run.ts';
import { branchWorkload, generateWorks } from '../simulation/workload.ts';
import { CrashedDisk } from './crashed-disk.ts';

/** A journal that is to be cut behind a transaction, as what follows it is damaged, or is not wanted. */
class CutJournal {
  readonly #crashed: CrashedDisk;
  readonly #segment: string;
  readonly #bytes: Uint8Array;
  readonly #place: object;
  readonly #isDamaged: boolean;
  readonly end: number;
  #copies = 0;

  constructor(crashed: CrashedDisk) {
    const { random, lines } = crashed;
    const batches = lines.filter(({ before, upTo }) => upTo > before).slice(0, -1);
    const cut = batches[random(batches.length)];
    if (cut === undefined) throw new Error('There is a batch that is not the last.');
    const { file, line, start, end, before } = cut;
    this.#crashed = crashed;
    this.#segment = file;
    this.#place = { file, line, lastTx: before };
    this.end = before;
    this.#bytes = crashed.contentOf(file).slice();
    this.#isDamaged = random(3) > 0;
    if (this.#isDamaged) this.#bytes.fill(0, start + random(end - start), end);
  }

  disk(): SimulatedDisk {
    return this.#crashed.imageWith(this.#segment, this.#bytes);
  }

  /** Cuts the journal on the disk, and stops; gives the moments of that. */
  async repair(disk: SimulatedDisk): Promise<StoreRun> {
    const truncate = { after: this.end, copy: `/data.before-${++this.#copies}` };
    const life = new StoreRun(disk, this.#crashed.workload, { options: { truncate } });
    expect(await life.start()).toBe(this.end);
    await life.stop();
    await life.cutPower();
    return life;
  }

  /** Expects of a disk on which a repair broke off that it is not done, and can be, or is done for good. */
  async expectNotHalf(disk: SimulatedDisk, known: KnownState): Promise<void> {
    const { workload, random, known: before } = this.#crashed;
    if (!(await this.#isDone(disk, known))) {
      expect(known.count).toBe(0);
      await this.repair(disk);
    } else if (random(4) === 0) await this.repair(disk);
    this.#expectCopy(disk);
    const life = new StoreRun(disk, workload, {});
    expect(await life.start()).toBe(this.end);
    expect(life.known.epochs).not.toBe(before.epochs);
    const branch = await branchWorkload(workload, this.end, generateWorks(random, 2));
    life.switchWorkload(branch);
    await life.run(branch.steps, this.end);
    await life.cutPower();
    const cut = disk.afterPowerCut(disk.moment, new Map());
    const last = new StoreRun(cut, branch, { known: life.known });
    await last.start();
    await last.cutPower();
  }

  /** Whether a start finds the history cut; else it finds it as before. */
  async #isDone(disk: SimulatedDisk, known: KnownState): Promise<boolean> {
    // A start changes what it finds.
    const same = disk.afterPowerCut(disk.moment, new Map());
    const life = new StoreRun(same, this.#crashed.workload, { known });
    try {
      const count = await life.start();
      if (count === this.end) return true;
      expect({ count, isDamaged: this.#isDamaged }).toEqual({
        count: this.#crashed.known.count,
        isDamaged: false,
      });
    } catch (error) {
      if (!this.#isDamaged) throw error;
      expect(error).toBeInstanceOf(DamageError);
      expect(error).toMatchObject({ location: this.#place });
    } finally {
      await life.cutPower();
    }
    return false;
  }

  /** Expects that what was given up is in a whole copy. */
  #expectCopy(disk: SimulatedDisk): void {
    const copies = Array.from({ length: this.#copies }, (_, i) => `/data.before-${i + 1}/${this.#segment}`);
    const kept = copies.map((path) => findNode(disk, path));
    expect(kept.some((node) => node instanceof SimulatedFile && equal(node.bytes, this.#bytes))).toBe(true);
  }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

it('[CR12] cuts a journal as a whole or not at all, wherever the power is cut meanwhile, and can be done again', async () => {
  const first = readSeed();
  let images = 0;
  // Here old segments once came back behind the end of the new ones.
  const found = 1105840077;
  for (let seed = found; images < loopCount(30, 10_000); seed = seed === found ? first : seed + 1) {
    const journal = new CutJournal(await CrashedDisk.make(seed));
    const { disk, crashPoints } = await journal.repair(journal.disk());
    const { random } = await CrashedDisk.make(seed);
    for (const { at, step, known } of crashPoints) {
      if (random(loopCount(9, 1)) > 0) continue;
      for (const { description, outcomes } of enumeratePowerCuts(disk.unsyncedAt(at), random)) {
        if (random(loopCount(9, 1)) > 0) continue;
        images++;
        try {
          await journal.expectNotHalf(disk.afterPowerCut(at, outcomes), known);
        } catch (cause) {
          throw new Error(`seed ${seed}, before ${step.operation} ${step.path} the cut left ${description}`, {
            cause,
          });
        }
      }
    }
  }
  process.stdout.write(`${images} power cuts in a repair, from TEST_SEED=${first}\n`);
}, 3_600_000);

import { expect, it } from 'vitest';
import { createRandom, readSeed } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { pickFrom, runWholeWorkload } from '../power-loss/crash-explorer.ts';
import { randomPowerCut } from '../simulation/power-cuts.ts';
import { generateWorkload, type Workload } from '../simulation/workload.ts';
import { FaultInjector, runWithFault } from './io-faults.ts';

/**
 * Cuts the power at any moment of a workload and lets each step of the recovery behind it, and of a little work, fail in
 * every way; resolves to how many did.
 */
async function failBehindAnyPowerCut(seed: number, workload: Workload, stride: number): Promise<number> {
  const random = createRandom(seed);
  const first = await runWholeWorkload(workload, {}, random);
  const { at, known } = pickFrom(first.crashPoints, random);
  const { outcomes } = randomPowerCut(first.disk.unsyncedAt(at), random);
  const steps = (count: number) => [{ do: 'commit' as const, works: workload.works.slice(count, count + 2) }];
  for (let number = 1 + random(stride), faults = 0; ; number += stride) {
    for (let way = 0; way < 2; way++) {
      const faulty = new FaultInjector(number, way);
      const disk = first.disk.afterPowerCut(at, outcomes);
      try {
        await runWithFault(faulty, { disk, workload, variant: {}, known, steps }, random);
      } catch (cause) {
        throw new Error(`TEST_SEED=${seed}: ${faulty.description}: ${cause}`, { cause });
      }
      if (faulty.step === undefined) return faults;
      faults++;
      if (faulty.hasOneFailureMode) break;
    }
  }
}

it('[CR13] loses nothing when a step fails in the recovery from a power cut', async () => {
  const first = readSeed();
  let faults = 0;
  for (let seed = first; seed < first + loopCount(1, 60); seed++) {
    const workload = await generateWorkload(createRandom(seed), 2 + (seed % 3));
    faults += await failBehindAnyPowerCut(seed, workload, loopCount(10, 1));
  }
  expect(faults).toBeGreaterThan(loopCount(2, 1000));
  process.stdout.write(`${faults} failed steps behind power cuts, from TEST_SEED=${first}\n`);
}, 3_600_000);

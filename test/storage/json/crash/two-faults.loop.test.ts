import { expect, it } from 'vitest';
import { randomFrom, seedOfRun } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { oneOf, wholeLife } from './crash-explorer.ts';
import { FaultyStep, failOnce } from './io-faults.ts';
import { anyPowerCut } from './power-cuts.ts';
import { madeWorkload, type Workload } from './workload.ts';

/**
 * Cuts the power at any moment of a workload and lets each step of the recovery behind it, and of a little work, fail in
 * every way; resolves to how many did.
 */
async function failBehindAnyPowerCut(seed: number, workload: Workload, stride: number): Promise<number> {
  const random = randomFrom(seed);
  const first = await wholeLife(workload, {}, random);
  const { at, known } = oneOf(first.moments, random);
  const { fates } = anyPowerCut(first.disk.unsyncedAt(at), random);
  const steps = (count: number) => [{ do: 'commit' as const, works: workload.works.slice(count, count + 2) }];
  for (let number = 1 + random(stride), faults = 0; ; number += stride) {
    for (let way = 0; way < 2; way++) {
      const faulty = new FaultyStep(number, way);
      const disk = first.disk.afterPowerCut(at, fates);
      try {
        await failOnce(faulty, { disk, workload, variant: {}, known, steps }, random);
      } catch (cause) {
        throw new Error(`TEST_SEED=${seed}: ${faulty.told}: ${cause}`, { cause });
      }
      if (faulty.step === undefined) return faults;
      faults++;
      if (faulty.isOnlyWay) break;
    }
  }
}

it('[CR13] loses nothing when a step fails in the recovery from a power cut', async () => {
  const first = seedOfRun();
  let faults = 0;
  for (let seed = first; seed < first + size(1, 60); seed++) {
    const workload = await madeWorkload(randomFrom(seed), 2 + (seed % 3));
    faults += await failBehindAnyPowerCut(seed, workload, size(10, 1));
  }
  expect(faults).toBeGreaterThan(size(2, 1000));
  process.stdout.write(`${faults} failed steps behind power cuts, from TEST_SEED=${first}\n`);
}, 3_600_000);

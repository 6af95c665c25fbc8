import { expect, it } from 'vitest';
import { StartError } from '../../../../../src/domain/start-error.ts';
import { createRandom } from '../../../../support/samples/random.ts';
import type { Change } from '../../../model/model-steps.ts';
import { failAtEveryStep, withFrequentCheckpoints } from '../io-faults/io-faults.ts';
import { explorePowerCuts } from '../power-loss/crash-explorer.ts';
import { CrashedDisk } from '../power-loss/crashed-disk.ts';
import type { StoreVariant } from '../simulation/store-run.ts';
import { buildWorkload, generateWorkload, generateWorks } from '../simulation/workload.ts';
import { freezeAtEveryStep, type TakeoverScenario } from '../takeover/frozen-owner.ts';
import { powerLossMutants, zombieMutants } from './port-mutants.ts';
import {
  corruptionSourceMutants,
  ioErrorSourceMutants,
  openMutant,
  powerLossSourceMutants,
  zombieSourceMutants,
} from './source-mutants.ts';

async function caughtAtPowerCuts(variant: StoreVariant): Promise<string | undefined> {
  for (let seed = 1; seed <= 8; seed++) {
    const { violation } = await explorePowerCuts({ seed, variant, stepCount: 3, maxCuts: 400 });
    if (violation !== undefined) return violation;
  }
  return undefined;
}

async function caughtAtTakeovers(variant: StoreVariant, at = /^/): Promise<string | undefined> {
  const all = await successions();
  for (let seed = 0; seed < 4 * all.length; seed++) {
    const succession = all[seed % all.length];
    if (succession === undefined) continue;
    const { violation } = await freezeAtEveryStep(seed, { freezePaths: at, ...succession, variant });
    if (violation !== undefined) return violation;
  }
  return undefined;
}

async function caughtAtFaults(variant: StoreVariant, at = /^/): Promise<string | undefined> {
  for (let seed = 1; seed <= 8; seed++) {
    const { violation } = await failAtEveryStep({
      seed,
      length: 3,
      stride: 1,
      variant: withFrequentCheckpoints(variant),
      faultPaths: at,
    });
    if (violation !== undefined) return violation;
  }
  return undefined;
}

async function caughtAtChangedBytes(variant: StoreVariant): Promise<string | undefined> {
  const crashed = await CrashedDisk.make(1);
  for (const { file, line, start, end, before } of crashed.lines) {
    const bytes = crashed.contentOf(file).slice();
    const at = Buffer.from(bytes.subarray(0, end)).indexOf('"tx":', start) + 2;
    bytes[at] = 'y'.charCodeAt(0);
    const found = await crashed.startWith(file, bytes, variant).catch((error: unknown) => error);
    if (!(found instanceof StartError) && found !== before) return `${file}, line ${line}: ${found}`;
  }
  return undefined;
}

/** Some in which the successor brings back what the owner is deleting, and random ones. */
async function successions(): Promise<TakeoverScenario[]> {
  const insert: Change = { do: 'insert', kind: 'tasks', id: 0, seed: 0 };
  const remove: Change = { do: 'delete', kind: 'tasks', id: 0 };
  const steps = [
    { do: 'commit', works: [[insert]] },
    { do: 'restart' },
    { do: 'commit', works: [[remove]] },
  ] as const;
  const comeback = await buildWorkload(steps, { events: 50_000, ageMs: 1e9 });
  const random = createRandom(1);
  return [
    ...[1, 2, 3].map(() => ({ workload: comeback, successorWork: [[insert], []], freezePaths: /tasks_0/ })),
    { workload: await generateWorkload(random, 2), successorWork: generateWorks(random, 4) },
    { workload: await generateWorkload(random, 4), successorWork: generateWorks(random, 4) },
  ];
}

it('[CR3] a copy of the store without a fault is not taken for one with a fault', async () => {
  const variant = { open: await openMutant() };
  const [succession] = await successions();
  if (succession === undefined) throw new Error('There are successions.');
  expect(await explorePowerCuts({ seed: 1, variant, stepCount: 3, maxCuts: 20 })).toMatchObject({
    violation: undefined,
  });
  expect(await freezeAtEveryStep(0, { ...succession, variant })).toMatchObject({ violation: undefined });
  expect(
    await failAtEveryStep({ seed: 1, length: 3, stride: 40, variant: withFrequentCheckpoints(variant) }),
  ).toMatchObject({
    violation: undefined,
  });
  expect(await caughtAtChangedBytes(variant)).toBeUndefined();
});

for (const [what, files] of Object.entries(powerLossMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtPowerCuts({ files })).toBeDefined();
  });
}

for (const [what, mutant] of Object.entries(powerLossSourceMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtPowerCuts({ open: await openMutant(mutant) })).toBeDefined();
  });
}

for (const [what, files] of Object.entries(zombieMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtTakeovers({ files })).toBeDefined();
  });
}

for (const [what, mutant] of Object.entries(zombieSourceMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtTakeovers({ open: await openMutant(mutant) }, mutant.at)).toBeDefined();
  });
}

for (const [what, mutant] of Object.entries(ioErrorSourceMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtFaults({ open: await openMutant(mutant) }, mutant.at)).toBeDefined();
  });
}

for (const [what, mutant] of Object.entries(corruptionSourceMutants)) {
  it(`[CR3] a store that ${what} is caught`, async () => {
    expect(await caughtAtChangedBytes({ open: await openMutant(mutant) })).toBeDefined();
  });
}

import { expect, it } from 'vitest';
import { randomFrom, seedOfRun } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { freezeEverywhere } from './frozen-owner.ts';
import { madeWorkload, madeWorks } from './workload.ts';

it('[CR4] a frozen owner that wakes replaced does no harm and tells of nothing that its successor does not have', async () => {
  const first = seedOfRun();
  let takeovers = 0;
  for (let seed = first; takeovers < size(40, 10_000); seed++) {
    const random = randomFrom(seed);
    const workload = await madeWorkload(random, size(1, 4));
    const found = await freezeEverywhere(seed, { workload, more: madeWorks(random, 4) });
    takeovers += found.takeovers;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${takeovers} take-overs of a frozen owner, from TEST_SEED=${first}\n`);
}, 7_200_000);

import { expect, it } from 'vitest';
import { createRandom, readSeed } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { generateWorkload, generateWorks } from '../simulation/workload.ts';
import { freezeAtEveryStep } from './frozen-owner.ts';

it('[CR4] a frozen owner that wakes replaced does no harm and tells of nothing that its successor does not have', async () => {
  const first = readSeed();
  let takeovers = 0;
  for (let seed = first; takeovers < loopCount(40, 10_000); seed++) {
    const random = createRandom(seed);
    const workload = await generateWorkload(random, loopCount(1, 4));
    const found = await freezeAtEveryStep(seed, { workload, successorWork: generateWorks(random, 4) });
    takeovers += found.takeovers;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${takeovers} take-overs of a frozen owner, from TEST_SEED=${first}\n`);
}, 7_200_000);

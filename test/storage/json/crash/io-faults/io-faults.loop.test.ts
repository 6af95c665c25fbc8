import { expect, it } from 'vitest';
import { readSeed } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { failAtEveryStep, withFrequentCheckpoints } from './io-faults.ts';

it('[CR6] loses nothing whichever step of the file system fails, and stops for good only at those of the journal', async () => {
  const first = readSeed();
  const done = { faults: 0, stops: 0 };
  for (let seed = first; seed < first + loopCount(1, 10); seed++) {
    const variant = seed % 2 === 0 ? {} : withFrequentCheckpoints({});
    const found = await failAtEveryStep({ seed, length: loopCount(2, 4), stride: loopCount(2, 1), variant });
    done.faults += found.faults;
    done.stops += found.stops;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${done.faults} failed steps, ${done.stops} stops, from TEST_SEED=${first}\n`);
}, 3_600_000);

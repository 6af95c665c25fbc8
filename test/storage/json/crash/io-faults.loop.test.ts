import { expect, it } from 'vitest';
import { seedOfRun } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { failEverywhere, hasty } from './io-faults.ts';

it('[CR6] loses nothing whichever step of the file system fails, and stops for good only at those of the journal', async () => {
  const first = seedOfRun();
  const done = { faults: 0, stops: 0 };
  for (let seed = first; seed < first + size(1, 10); seed++) {
    const variant = seed % 2 === 0 ? {} : hasty({});
    const found = await failEverywhere({ seed, length: size(2, 4), stride: size(2, 1), variant });
    done.faults += found.faults;
    done.stops += found.stops;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${done.faults} failed steps, ${done.stops} stops, from TEST_SEED=${first}\n`);
}, 3_600_000);

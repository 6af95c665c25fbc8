import { expect, it } from 'vitest';
import { readSeed } from '../../../../support/samples/random.ts';
import { loopCount } from '../../../../support/time/loop-count.ts';
import { explorePowerCuts } from './crash-explorer.ts';

it('[CR1] [CR2] loses nothing known and shows nothing half done after any power cut, also one while it recovers', async () => {
  const images = loopCount(400, 200_000);
  const first = readSeed();
  const done = { images: 0, nested: 0 };
  for (let seed = first; done.images < images; seed++) {
    const most = loopCount(200, images - done.images);
    const found = await explorePowerCuts({ seed, maxCuts: most, stepCount: 2 + (seed % 5) });
    done.images += found.powerCuts;
    done.nested += found.nestedPowerCuts;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${done.images} power cuts and ${done.nested} nested, from TEST_SEED=${first}\n`);
}, 7_200_000);

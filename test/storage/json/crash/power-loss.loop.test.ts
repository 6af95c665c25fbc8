import { expect, it } from 'vitest';
import { seedOfRun } from '../../../support/random.ts';
import { size } from '../../../support/size.ts';
import { explore } from './crash-explorer.ts';

it('[CR1] [CR2] loses nothing known and shows nothing half done after any power cut, also one while it recovers', async () => {
  const images = size(400, 200_000);
  const first = seedOfRun();
  const done = { images: 0, nested: 0 };
  for (let seed = first; done.images < images; seed++) {
    const most = size(200, images - done.images);
    const found = await explore({ seed, most, length: 2 + (seed % 5) });
    done.images += found.images;
    done.nested += found.nested;
    expect(found.violation, `TEST_SEED=${seed}`).toBeUndefined();
  }
  process.stdout.write(`${done.images} power cuts and ${done.nested} nested, from TEST_SEED=${first}\n`);
}, 7_200_000);

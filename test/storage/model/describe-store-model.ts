import fc from 'fast-check';
import { describe, it } from 'vitest';
import { loopCount } from '../../support/time/loop-count.ts';
import type { StoreOpener } from '../contract/store-under-test.ts';
import { compareWithModel } from './compare-with-model.ts';
import { arbitrarySteps } from './model-steps.ts';

/**
 * Compares a store with the model over random runs of transactions, views, transactions at the same time and restarts.
 * A difference is reported with the seed and path that show it again, and the shortest run that does.
 */
export function describeStoreModel(name: string, open: StoreOpener): void {
  describe(name, () => {
    it('[ST99] answers as the model does, whatever is done with it in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(arbitrarySteps, (run) => compareWithModel(open, run)),
        // A slow disk makes fewer runs rather than a failure.
        { numRuns: loopCount(15, 2000), interruptAfterTimeLimit: loopCount(30_000, 3_000_000) },
      );
    });
  });
}

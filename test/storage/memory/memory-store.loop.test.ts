import { createMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { withReruns } from '../../support/rerun-store.ts';
import { describeStoreModel } from '../describe-store-model.ts';

describeStoreModel('memory store that runs everything twice', async (options) => {
  const store = withReruns(createMemoryStore(options));
  return { store, close: () => store.close() };
});

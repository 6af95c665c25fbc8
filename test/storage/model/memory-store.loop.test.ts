import { withReruns } from '../../support/stores/rerun-store.ts';
import { describeStoreModel } from './describe-store-model.ts';
import { createMemoryStore } from './memory-store.ts';

describeStoreModel('memory store that runs everything twice', async (options) => {
  const store = withReruns(createMemoryStore(options));
  return { store, close: () => store.close() };
});

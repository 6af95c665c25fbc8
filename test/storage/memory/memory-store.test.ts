import { createMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { withReruns } from '../../support/rerun-store.ts';
import { describeStore } from '../describe-store.ts';

describeStore('memory store', async (options) => {
  const store = createMemoryStore(options);
  return { store, close: () => store.close() };
});

describeStore('memory store that runs everything twice', async (options) => {
  const store = withReruns(createMemoryStore(options));
  return { store, close: () => store.close() };
});

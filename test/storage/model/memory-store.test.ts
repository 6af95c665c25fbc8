import { withReruns } from '../../support/stores/rerun-store.ts';
import { describeStore } from '../contract/describe-store.ts';
import { createMemoryStore } from './memory-store.ts';

describeStore('memory store', async (options) => {
  const store = createMemoryStore(options);
  return { store, close: () => store.close() };
});

describeStore('memory store that runs everything twice', async (options) => {
  const store = withReruns(createMemoryStore(options));
  return { store, close: () => store.close() };
});

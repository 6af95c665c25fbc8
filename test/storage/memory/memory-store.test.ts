import { createMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import { describeStore } from '../describe-store.ts';

describeStore('memory store', async (options) => {
  const store = createMemoryStore(options);
  return { store, close: () => store.close() };
});

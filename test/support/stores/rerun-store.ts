import type { Store } from '../../../src/application/store/store.ts';

class RerunRollback extends Error {}

/** The store, as one that runs the work of every transaction and view once in vain before it counts. */
export function withReruns(store: Store): Store {
  const running = new Set<Promise<unknown>>();
  return {
    async read(work) {
      await store.read(work);
      return store.read(work);
    },
    async transaction(actor, work) {
      const inVain = store.transaction(actor, async (tx) => {
        await work(tx);
        throw new RerunRollback();
      });
      // What the work throws the first time, it throws again when it counts.
      const outcome = inVain.catch(() => {}).then(() => store.transaction(actor, work));
      const ended = outcome.finally(() => running.delete(ended)).catch(() => {});
      running.add(ended);
      return outcome;
    },
    onCommit: (listener) => store.onCommit(listener),
    health: () => store.health(),
    async close() {
      await Promise.all(running);
      await store.close();
    },
  };
}

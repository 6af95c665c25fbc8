import { kinds, logKinds } from '../../../src/application/store/collections.ts';
import type { Reader, Store, Transaction } from '../../../src/application/store/store.ts';

/** A store that notes each read that goes through it, as in `sessions.get`. */
export interface CountingStore extends Store {
  /** The reads that `work` made, in order. */
  readsOf(work: () => Promise<unknown>): Promise<readonly string[]>;
}

const readMethods = ['get', 'list', 'count', 'read'];

/** Wraps a store so that the reads of its views and transactions are counted. */
export function withReadCounts(store: Store): CountingStore {
  const reads: string[] = [];
  const counted = <View extends Reader | Transaction>(view: View): View => {
    const parts = [...kinds, ...logKinds].map((name) => [name, { value: noting(name, view[name]) }]);
    return Object.create(view, Object.fromEntries(parts)) as View;
  };
  const noting = (name: string, part: object) =>
    new Proxy(part, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (readMethods.includes(String(key))) reads.push(`${name}.${String(key)}`);
          return Reflect.apply(member, target, args);
        };
      },
    });
  return {
    read: (work) => store.read((reader) => work(counted(reader))),
    transaction: (actor, work) => store.transaction(actor, (tx) => work(counted(tx))),
    onCommit: (listener, wants) => store.onCommit(listener, wants),
    health: () => store.health(),
    close: () => store.close(),
    async readsOf(work) {
      reads.length = 0;
      await work();
      return [...reads];
    },
  };
}

import type { EventRecord, Store, Transaction } from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';
import type { Position } from '../../../src/domain/position.ts';
import type { StoreUnderTest } from '../../storage/contract/store-under-test.ts';

/**
 * A store that is still being opened: every use waits for that. As in memory, its transactions see the clock of the
 * test, and end only when the listeners have received what they committed.
 */
export function createDeferredStore(opening: Promise<StoreUnderTest>, now: () => number): Store {
  const listeners = new Set<(events: readonly EventRecord[]) => void>();
  const delivered = new Map<Stream, number>();
  const waiting = new Set<() => void>();
  let store: Store | undefined;
  let closing: Promise<void> | undefined;
  const opened = opening.then(({ store: one }) => {
    store = one;
    one.onCommit((events) => {
      for (const listener of [...listeners]) listener(events);
      for (const { stream, seq } of events) delivered.set(stream, seq);
      for (const check of [...waiting]) check();
    });
    return one;
  });
  opened.catch(() => {});
  const delivery = (positions: ReadonlyMap<Stream, Position>) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if ([...positions].some(([stream, { seq }]) => (delivered.get(stream) ?? 0) < seq)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return {
    read: async (work) => (await opened).read(work),
    async transaction(actor, work) {
      const committed = await (await opened).transaction(actor, (tx) => work(withClock(tx, now())));
      await delivery(committed.positions);
      return committed;
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    health: () => store?.health() ?? { status: 'ok' },
    close() {
      closing ??= opening.then((one) => one.close());
      return closing;
    },
  };
}

function withClock(tx: Transaction, now: number): Transaction {
  return Object.create(tx, { now: { value: now } }) as Transaction;
}

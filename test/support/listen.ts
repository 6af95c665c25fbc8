import type { EventRecord, Store } from '../../src/application/store.ts';
import { gate } from './gate.ts';

/** What a listener of a store has heard so far. */
export interface Ear {
  readonly calls: readonly (readonly EventRecord[])[];
  /** Resolves once that is as many events as were waited for. */
  readonly complete: Promise<void>;
  stop(): void;
}

/** Listens for the commits of a store and waits for so many events. */
export function listen(store: Store, count: number): Ear {
  const calls: (readonly EventRecord[])[] = [];
  const all = gate();
  const stop = store.onCommit((events) => {
    calls.push(events);
    if (calls.flat().length >= count) all.open();
  });
  return { calls, complete: all.opened, stop };
}

import type { EventRecord, Store } from '../../../src/application/store/store.ts';

/** What a listener of a store has received so far. */
export interface CommitRecorder {
  readonly batches: readonly (readonly EventRecord[])[];
  /** Every event in the order it was received. */
  events(): readonly EventRecord[];
  /** Resolves once it has received so many events. */
  waitForEvents(count: number): Promise<void>;
  stop(): void;
}

/** Listens for the commits of a store. */
export function recordCommits(store: Store): CommitRecorder {
  const calls: (readonly EventRecord[])[] = [];
  const waiting = new Set<() => void>();
  const stop = store.onCommit((events) => {
    calls.push(events);
    for (const check of waiting) check();
  });
  return {
    batches: calls,
    events: () => calls.flat(),
    waitForEvents: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (calls.flat().length >= count) resolve();
        };
        waiting.add(check);
        check();
      }),
    stop,
  };
}

import type { EventRecord } from './store.ts';

/** Hears of committed events, the events of one transaction at a time. */
export type EventListener = (events: readonly EventRecord[]) => void;

/** In memory: committed events in, subscribers out, in commit order. */
export class EventBus {
  readonly #listeners = new Set<EventListener>();
  readonly #onFault: (fault: unknown) => void;

  /** `onFault` hears what a listener threw: one that fails disturbs neither the writer nor the others. */
  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Hands the events to every subscriber, before it returns. */
  publish(events: readonly EventRecord[]): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(events);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }

  /** Subscribes from the next commit on; returns how to end that. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Watches from now on for an event that is `wanted`. `arrived` resolves to true when one is committed, to false
   * after `milliseconds` or when the signal ends; `cancel` ends it at once.
   */
  watch(
    wanted: (event: EventRecord) => boolean,
    milliseconds: number,
    signal: AbortSignal | undefined,
  ): Watch {
    let settle: (found: boolean) => void = () => {};
    const arrived = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const unsubscribe = this.subscribe((events) => {
      if (events.some(wanted)) settle(true);
    });
    const cancel = () => settle(false);
    const timer = setTimeout(cancel, milliseconds);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    const release = () => {
      unsubscribe();
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    return { arrived: arrived.finally(release), cancel };
  }
}

/** A wait for one event. */
export interface Watch {
  readonly arrived: Promise<boolean>;
  readonly cancel: () => void;
}

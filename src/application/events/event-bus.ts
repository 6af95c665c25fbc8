import type { Stream } from '../../domain/channel.ts';
import type { EventName } from '../../domain/events.ts';
import type { EventRecord, StreamActivity } from '../store/store.ts';

/** Hears of committed events, those of one transaction in one stream at a time. */
export type EventListener = (events: readonly EventRecord[]) => void;

/** In memory: committed events in, subscribers out, in commit order. */
export class EventBus {
  readonly #streams = new Map<Stream, Set<EventListener>>();
  readonly #names = new Map<EventName, Set<EventListener>>();
  readonly #onError: (fault: unknown) => void;

  /** `onFault` hears what a listener threw: one that fails disturbs neither the writer nor the others. */
  constructor(onFault: (fault: unknown) => void) {
    this.#onError = onFault;
  }

  /** Whether anybody subscribes to what there is news of. */
  hasSubscribers({ stream, names }: StreamActivity): boolean {
    if (this.#streams.has(stream)) return true;
    return names === undefined ? this.#names.size > 0 : names.some((name) => this.#names.has(name));
  }

  /** Hands the events to every subscriber of their streams and of their names, before it returns. */
  publish(events: readonly EventRecord[]): void {
    for (const stream of new Set(events.map((event) => event.stream))) {
      const some = events.filter((event) => event.stream === stream);
      this.#notify(this.#streams.get(stream), some);
      for (const [name, listeners] of this.#names) {
        const named = some.filter((event) => event.name === name);
        if (named.length > 0) this.#notify(listeners, named);
      }
    }
  }

  /** Subscribes to a stream from the next commit on; returns how to end that. */
  subscribe(stream: Stream, listener: EventListener): () => void {
    return addListener(this.#streams, stream, listener);
  }

  /** The same for the events of one name in every stream. */
  subscribeByName(name: EventName, listener: EventListener): () => void {
    return addListener(this.#names, name, listener);
  }

  /**
   * Watches some streams from now on for an event that is `wanted`. `arrived` resolves to true when one is committed,
   * to false after `milliseconds` or when the signal ends; `cancel` ends it at once.
   */
  watch(
    streams: Iterable<Stream>,
    milliseconds: number,
    signal: AbortSignal | undefined,
    wanted: (event: EventRecord) => boolean = () => true,
  ): Watch {
    let settle: (found: boolean) => void = () => {};
    const arrived = new Promise<boolean>((resolve) => {
      settle = resolve;
    });
    const listener: EventListener = (events) => {
      if (events.some(wanted)) settle(true);
    };
    const ends = Array.from(streams, (stream) => this.subscribe(stream, listener));
    const cancel = () => settle(false);
    const timer = setTimeout(cancel, milliseconds);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    const release = () => {
      for (const end of ends) end();
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    return { arrived: arrived.finally(release), cancel };
  }

  #notify(listeners: Iterable<EventListener> | undefined, events: readonly EventRecord[]): void {
    for (const listener of [...(listeners ?? [])]) {
      try {
        listener(events);
      } catch (fault) {
        this.#onError(fault);
      }
    }
  }
}

/** A wait for one event. */
export interface Watch {
  readonly arrived: Promise<boolean>;
  readonly cancel: () => void;
}

function addListener<Key>(to: Map<Key, Set<EventListener>>, key: Key, listener: EventListener): () => void {
  const listeners = to.get(key) ?? new Set();
  to.set(key, listeners.add(listener));
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) to.delete(key);
  };
}

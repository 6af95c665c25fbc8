import type { EventRecord, StreamActivity } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';

type Listener = (events: readonly EventRecord[]) => void;
type ActivityFilter = (activity: StreamActivity) => boolean;

/** The listeners for events, and the head of each stream as far as it is known. */
export class EventListeners {
  readonly #listeners = new Set<{
    readonly call: Listener;
    readonly isWanted: ActivityFilter;
    readonly from: ReadonlyMap<Stream, number>;
  }>();
  readonly #delivered = new Map<Stream, number>();
  readonly #heads = new Map<Stream, number>();

  /** Calls the listener with the wanted events that are committed from now on; returns what removes it. */
  listen(call: Listener, isWanted: ActivityFilter): () => void {
    const entry = { call, isWanted, from: new Map(this.#heads) };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Whether any listener wants this activity. */
  hasListenerFor(activity: StreamActivity): boolean {
    return [...this.#listeners].some(({ isWanted }) => isWanted(activity));
  }

  /** The sequence number up to which the stream was delivered. */
  deliveredSeq(stream: Stream): number {
    return this.#delivered.get(stream) ?? 0;
  }

  /** Whether an event was delivered that lies beyond these heads of all streams. */
  hasDeliveredBeyond(heads: readonly { readonly stream: Stream; readonly seq: number }[]): boolean {
    const present = new Map(heads.map(({ stream, seq }) => [stream, seq]));
    return [...this.#delivered].some(([stream, seq]) => seq > (present.get(stream) ?? 0));
  }

  /** Records that the stream goes up to there at least: later listeners receive only events after it. */
  noteHead(stream: Stream, seq: number): void {
    if (seq > (this.#heads.get(stream) ?? 0)) this.#heads.set(stream, seq);
  }

  /** Records that the stream was delivered up to there. */
  markDelivered(stream: Stream, seq: number): void {
    this.#delivered.set(stream, seq);
    this.noteHead(stream, seq);
  }

  /** Delivers the events, in the order of their streams. */
  deliver(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call, from } of [...this.#listeners]) {
      const newEvents = events.filter(({ stream, seq }) => seq > (from.get(stream) ?? 0));
      if (newEvents.length > 0) this.#deliverTo(call, newEvents);
    }
  }

  #deliverTo(call: Listener, events: readonly EventRecord[]): void {
    try {
      call(events);
    } catch {
      // The events are committed, and the other listeners must receive them; a listener handles its own errors.
    }
  }
}

import type { EventRecord, StreamActivity } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';

type Listener = (events: readonly EventRecord[]) => void;
type ActivityFilter = (news: StreamActivity) => boolean;

/** Who listens for events, and how far each stream is known to have come. */
export class EventListeners {
  readonly #listeners = new Set<{
    readonly call: Listener;
    readonly isWanted: ActivityFilter;
    readonly from: ReadonlyMap<Stream, number>;
  }>();
  readonly #delivered = new Map<Stream, number>();
  readonly #heads = new Map<Stream, number>();

  /** Tells the listener of what is committed from now on and wanted then; returns how to stop that. */
  listen(call: Listener, isWanted: ActivityFilter): () => void {
    const entry = { call, isWanted, from: new Map(this.#heads) };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Whether a listener wants to hear of it. */
  hasListenerFor(news: StreamActivity): boolean {
    return [...this.#listeners].some(({ isWanted }) => isWanted(news));
  }

  /** Up to where whoever wanted was told of this stream. */
  deliveredSeq(stream: Stream): number {
    return this.#delivered.get(stream) ?? 0;
  }

  /** Whether something was told that lies behind these ends of all streams. */
  hasDeliveredBeyond(ends: readonly { readonly stream: Stream; readonly seq: number }[]): boolean {
    const present = new Map(ends.map(({ stream, seq }) => [stream, seq]));
    return [...this.#delivered].some(([stream, told]) => told > (present.get(stream) ?? 0));
  }

  /** Notes that the stream ends there at least: who listens later hears nothing up to there. */
  noteHead(stream: Stream, seq: number): void {
    if (seq > (this.#heads.get(stream) ?? 0)) this.#heads.set(stream, seq);
  }

  /** Takes the stream as told up to there. */
  markDelivered(stream: Stream, seq: number): void {
    this.#delivered.set(stream, seq);
    this.noteHead(stream, seq);
  }

  /** Tells the events, in the order of their streams. */
  deliver(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call, from } of [...this.#listeners]) {
      const news = events.filter(({ stream, seq }) => seq > (from.get(stream) ?? 0));
      if (news.length > 0) this.#deliverTo(call, news);
    }
  }

  #deliverTo(call: Listener, events: readonly EventRecord[]): void {
    try {
      call(events);
    } catch {
      // What is committed stays committed, and the other listeners are to hear of it; faults are the listener's own.
    }
  }
}

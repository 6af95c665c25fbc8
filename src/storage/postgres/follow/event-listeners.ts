import type { EventRecord, News } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';

type Listener = (events: readonly EventRecord[]) => void;
type Wants = (news: News) => boolean;

/** Who listens for events, and how far each stream is known to have come. */
export class EventAudience {
  readonly #listeners = new Set<{
    readonly call: Listener;
    readonly wants: Wants;
    readonly from: ReadonlyMap<Stream, number>;
  }>();
  readonly #told = new Map<Stream, number>();
  readonly #known = new Map<Stream, number>();

  /** Tells the listener of what is committed from now on and wanted then; returns how to stop that. */
  listen(call: Listener, wants: Wants): () => void {
    const entry = { call, wants, from: new Map(this.#known) };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** Whether a listener wants to hear of it. */
  wants(news: News): boolean {
    return [...this.#listeners].some(({ wants }) => wants(news));
  }

  /** Up to where whoever wanted was told of this stream. */
  toldOf(stream: Stream): number {
    return this.#told.get(stream) ?? 0;
  }

  /** Whether something was told that lies behind these ends of all streams. */
  wasToldMore(ends: readonly { readonly stream: Stream; readonly seq: number }[]): boolean {
    const present = new Map(ends.map(({ stream, seq }) => [stream, seq]));
    return [...this.#told].some(([stream, told]) => told > (present.get(stream) ?? 0));
  }

  /** Notes that the stream ends there at least: who listens later hears nothing up to there. */
  know(stream: Stream, seq: number): void {
    if (seq > (this.#known.get(stream) ?? 0)) this.#known.set(stream, seq);
  }

  /** Takes the stream as told up to there. */
  pass(stream: Stream, seq: number): void {
    this.#told.set(stream, seq);
    this.know(stream, seq);
  }

  /** Tells the events, in the order of their streams. */
  tell(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call, from } of [...this.#listeners]) {
      const news = events.filter(({ stream, seq }) => seq > (from.get(stream) ?? 0));
      if (news.length > 0) this.#tellOne(call, news);
    }
  }

  #tellOne(call: Listener, events: readonly EventRecord[]): void {
    try {
      call(events);
    } catch {
      // What is committed stays committed, and the other listeners are to hear of it; faults are the listener's own.
    }
  }
}

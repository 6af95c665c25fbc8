import { channelsOfRecord } from '../../application/events/event-envelope.ts';
import type { EventRecord } from '../../application/store/store.ts';
import type { Channel, Position, Stream } from '../../domain/channel.ts';
import { EncodedEvent } from './encoded-event.ts';
import type { LogPages } from './log-pages.ts';

/** Who hears what is published on channels of a feed. */
export interface FeedListener {
  /** Takes a committed event of a channel it listens to. */
  offer(event: EncodedEvent): void;
  /** Hears that nothing more comes on the channel. */
  end(channel: Channel): void;
}

/** One stream as this process follows it: who is live on which of its channels, and how far it is known to go. */
export class StreamFeed {
  readonly stream: Stream;
  readonly #pages: LogPages;
  readonly #live = new Map<Channel, Set<FeedListener>>();
  readonly #onIdle: () => void;
  #users = 0;
  #epoch = '';
  #published = 0;
  #latest = 0;
  #beginning: Promise<void> | undefined;

  /** `onIdle` hears when nobody uses it any more. */
  constructor(stream: Stream, pages: LogPages, onIdle: () => void) {
    this.stream = stream;
    this.#pages = pages;
    this.#onIdle = onIdle;
  }

  /** Keeps it going until it is released as often. */
  hold(): void {
    this.#users += 1;
  }

  /** Lets go of it once. */
  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#onIdle();
  }

  /**
   * Resolves when it knows where the stream stands in the store, at a time when what comes next is published here
   * already. Throws what the store throws.
   */
  begin(): Promise<void> {
    this.#beginning ??= this.#pages.head(this.stream).then(
      (head) => this.reaches(head),
      (fault) => {
        this.#beginning = undefined;
        throw fault;
      },
    );
    return this.#beginning;
  }

  /** The last event that everyone live has got. */
  get published(): number {
    return this.#published;
  }

  /** The last event that is known of; what lies behind the last published one is about to be published. */
  get latest(): number {
    return this.#latest;
  }

  /** Notes where the stream stands in the store. */
  reaches({ epoch, seq }: Position): void {
    this.#epoch = epoch;
    if (seq > this.#latest) this.#latest = seq;
  }

  /** Hands a committed event to everyone who is live on its channels, at a cost of their number. */
  publish(record: EventRecord): void {
    this.#published = record.seq;
    if (record.seq > this.#latest) this.#latest = record.seq;
    if (this.#live.size === 0) return;
    if (!channelsOfRecord(record).some((channel) => this.#live.has(channel))) return;
    const event = new EncodedEvent(record, this.#epoch);
    for (const channel of event.channels) {
      const listeners = this.#live.get(channel);
      if (listeners !== undefined) for (const listener of listeners) listener.offer(event);
    }
    if (event.ends === undefined) return;
    for (const listener of [...(this.#live.get(event.ends) ?? [])]) listener.end(event.ends);
  }

  /** Some events behind `after` from the log. Throws POSITION_LOST. */
  after(after: number): Promise<readonly EncodedEvent[]> {
    return this.#pages.after(this.stream, after);
  }

  /** Makes the listener hear what is published on the channel. */
  enter(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners === undefined) this.#live.set(channel, new Set([listener]));
    else listeners.add(listener);
  }

  /** Makes the listener hear no more of the channel. */
  leave(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners?.delete(listener) && listeners.size === 0) this.#live.delete(channel);
  }
}

import { channelsOfRecord } from '../../application/events/event-envelope.ts';
import type { EventRecord } from '../../application/store/store.ts';
import type { Channel, Stream } from '../../domain/channel.ts';
import type { Position } from '../../domain/position.ts';
import { EncodedEvent } from './encoded-event.ts';
import type { LogPageCache } from './log-page-cache.ts';

/** Who hears what is published on channels of a feed. */
export interface FeedListener {
  /** Takes a committed event of a channel it listens to. */
  offer(event: EncodedEvent): void;
  /** Hears that nothing more comes on the channel. */
  endChannel(channel: Channel): void;
}

/** One stream as this process follows it: who is live on which of its channels, and how far it is known to go. */
export class StreamFeed {
  readonly stream: Stream;
  readonly #pages: LogPageCache;
  readonly #live = new Map<Channel, Set<FeedListener>>();
  readonly #onIdle: () => void;
  #users = 0;
  #epoch = '';
  #publishedSeq = 0;
  #latestSeq = 0;
  #initializing: Promise<void> | undefined;

  /** `onIdle` hears when nobody uses it any more. */
  constructor(stream: Stream, pages: LogPageCache, onIdle: () => void) {
    this.stream = stream;
    this.#pages = pages;
    this.#onIdle = onIdle;
  }

  /** Keeps it going until it is released as often. */
  retain(): void {
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
  initialize(): Promise<void> {
    this.#initializing ??= this.#pages.head(this.stream).then(
      (head) => this.noteHead(head),
      (fault) => {
        this.#initializing = undefined;
        throw fault;
      },
    );
    return this.#initializing;
  }

  /** The last event that everyone live has got. */
  get publishedSeq(): number {
    return this.#publishedSeq;
  }

  /** The last event that is known of; what lies behind the last published one is about to be published. */
  get latestSeq(): number {
    return this.#latestSeq;
  }

  /** Notes where the stream stands in the store. */
  noteHead({ epoch, seq }: Position): void {
    this.#epoch = epoch;
    if (seq > this.#latestSeq) this.#latestSeq = seq;
  }

  /** Hands a committed event to everyone who is live on its channels, at a cost of their number. */
  publish(record: EventRecord): void {
    this.#publishedSeq = record.seq;
    if (record.seq > this.#latestSeq) this.#latestSeq = record.seq;
    if (this.#live.size === 0) return;
    if (!channelsOfRecord(record).some((channel) => this.#live.has(channel))) return;
    const event = new EncodedEvent(record, this.#epoch);
    for (const channel of event.channels) {
      const listeners = this.#live.get(channel);
      if (listeners !== undefined) for (const listener of listeners) listener.offer(event);
    }
    if (event.endedChannel === undefined) return;
    for (const listener of [...(this.#live.get(event.endedChannel) ?? [])])
      listener.endChannel(event.endedChannel);
  }

  /** Some events behind `after` from the log. Throws POSITION_LOST. */
  readAfter(after: number): Promise<readonly EncodedEvent[]> {
    return this.#pages.readAfter(this.stream, after);
  }

  /** Makes the listener hear what is published on the channel. */
  attach(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners === undefined) this.#live.set(channel, new Set([listener]));
    else listeners.add(listener);
  }

  /** Makes the listener hear no more of the channel. */
  detach(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners?.delete(listener) && listeners.size === 0) this.#live.delete(channel);
  }
}

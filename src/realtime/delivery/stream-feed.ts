import { channelsOfRecord } from '../../application/events/event-envelope.ts';
import type { EventRecord } from '../../application/store/store.ts';
import type { Channel, Stream } from '../../domain/channel.ts';
import type { Position } from '../../domain/position.ts';
import { EncodedEvent } from './encoded-event.ts';
import type { LogPageCache } from './log-page-cache.ts';

/** Receives what is published on channels of a feed. */
export interface FeedListener {
  /** Receives a committed event of a channel that it is attached to. */
  offer(event: EncodedEvent): void;
  /** Is called when a channel has ended. */
  endChannel(channel: Channel): void;
}

/** One stream as this process follows it: the live listeners of each channel, and the latest event that is known. */
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

  /** `onIdle` is called when its last user releases it. */
  constructor(stream: Stream, pages: LogPageCache, onIdle: () => void) {
    this.stream = stream;
    this.#pages = pages;
    this.#onIdle = onIdle;
  }

  /** Adds a user; the feed lives until each has released it. */
  retain(): void {
    this.#users += 1;
  }

  /** Removes a user. */
  release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#onIdle();
  }

  /**
   * Resolves when it has read the head of the stream from the store; later events are published here. Throws what the
   * store throws.
   */
  initialize(): Promise<void> {
    this.#initializing ??= this.#pages.head(this.stream).then(
      (head) => this.noteHead(head),
      (error) => {
        this.#initializing = undefined;
        throw error;
      },
    );
    return this.#initializing;
  }

  /** The last event that was published to live listeners. */
  get publishedSeq(): number {
    return this.#publishedSeq;
  }

  /** The last event that is known; those after the last published one are about to be published. */
  get latestSeq(): number {
    return this.#latestSeq;
  }

  /** Takes note of the head of the stream in the store. */
  noteHead({ epoch, seq }: Position): void {
    this.#epoch = epoch;
    if (seq > this.#latestSeq) this.#latestSeq = seq;
  }

  /** Passes a committed event to the live listeners of its channels; the cost is proportional to their number. */
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

  /** Some events after `after` from the log. Throws POSITION_LOST. */
  readAfter(after: number): Promise<readonly EncodedEvent[]> {
    return this.#pages.readAfter(this.stream, after);
  }

  /** Starts passing events of the channel to the listener. */
  attach(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners === undefined) this.#live.set(channel, new Set([listener]));
    else listeners.add(listener);
  }

  /** Stops passing events of the channel to the listener. */
  detach(channel: Channel, listener: FeedListener): void {
    const listeners = this.#live.get(channel);
    if (listeners?.delete(listener) && listeners.size === 0) this.#live.delete(channel);
  }
}

import { type Actor, canSeeProject } from '../../domain/access/access.ts';
import type { Channel, Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import {
  type ChannelOffset,
  type ChannelOffsets,
  hasChannel,
  noChannelOffsets,
  startsBefore,
  withoutChannel,
} from './channel-offsets.ts';
import type { EncodedEvent } from './encoded-event.ts';
import type { StreamFeed } from './stream-feed.ts';

/** The connection that a cursor delivers to. */
export interface Receiver {
  readonly actor: Actor;
  /** Sends a frame, or closes the connection when too many bytes wait already. */
  deliver(frame: Buffer): void;
  /** Undefined while more can be sent at once, else a promise that resolves when the socket drains or closes. */
  readonly backpressure: Promise<void> | undefined;
  /** Is called when a channel has ended and is followed no longer. */
  onChannelEnded(channel: Channel): void;
  /** Is called when the log could not be read, so that these channels are followed no longer. */
  onReadFailed(channels: readonly Channel[], error: unknown): void;
}

/**
 * The position of one connection in one stream, for all of its channels there: either live, or reading the log to its
 * end and then live in the same tick. Each event is delivered once and in the order of the stream. Only a channel that
 * joins from an earlier position adds earlier events: those that no other channel has delivered.
 */
export class StreamCursor {
  readonly #feed: StreamFeed;
  readonly #receiver: Receiver;
  #live: ChannelOffsets = noChannelOffsets;
  /** The channels that the log is being read for. */
  #catchingUp: ChannelOffsets = noChannelOffsets;
  /** The channels that joined meanwhile: the log is read for them next. */
  #waiting: ChannelOffsets = noChannelOffsets;
  #reading = false;
  /** The live channels have received every event up to this one. */
  #deliveredSeq = 0;
  /** The latest offset of the live channels. */
  #latestStart = 0;
  #closed = false;

  constructor(feed: StreamFeed, receiver: Receiver) {
    this.#feed = feed;
    this.#receiver = receiver;
    feed.retain();
  }

  get stream(): Stream {
    return this.#feed.stream;
  }

  /** The channels that it follows. */
  get channels(): readonly Channel[] {
    return [...this.#live, ...this.#catchingUp, ...this.#waiting].map(({ channel }) => channel);
  }

  has(channel: Channel): boolean {
    return [this.#live, this.#catchingUp, this.#waiting].some((some) => hasChannel(some, channel));
  }

  /** Whether it follows nothing. */
  get isIdle(): boolean {
    return this.#live.length + this.#catchingUp.length + this.#waiting.length === 0;
  }

  /** Follows channels from after their offsets; events that are in the log already come in later ticks. */
  follow(offsets: ChannelOffsets): void {
    for (const offset of offsets) {
      if (!this.#reading && this.#waiting.length === 0 && offset.since >= this.#feed.latestSeq) {
        if (this.#live.length === 0) this.#deliveredSeq = offset.since;
        this.#addLive(offset);
        this.#feed.attach(offset.channel, this);
      } else {
        this.#waiting = [...this.#waiting, offset];
      }
    }
    if (this.#waiting.length === 0 || this.#reading) return;
    this.#reading = true;
    for (const { channel } of this.#live) this.#feed.detach(channel, this);
    this.#deliveredSeq = Math.max(this.#deliveredSeq, this.#feed.publishedSeq);
    void this.#catchUp();
  }

  /** Follows the channel no longer. */
  unfollow(channel: Channel): void {
    this.#live = withoutChannel(this.#live, channel);
    this.#catchingUp = withoutChannel(this.#catchingUp, channel);
    this.#waiting = withoutChannel(this.#waiting, channel);
    this.#feed.detach(channel, this);
  }

  /** Ends every channel. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { channel } of this.#live) this.#feed.detach(channel, this);
    this.#feed.release();
  }

  /** Receives an event that was just published on one of the channels. */
  offer(event: EncodedEvent): void {
    if (event.seq <= this.#deliveredSeq) return;
    if (event.seq <= this.#latestStart && !startsBefore(this.#live, event)) return;
    this.#deliveredSeq = event.seq;
    this.#send(event);
  }

  /** Stops following a channel that has ended. */
  endChannel(channel: Channel): void {
    this.unfollow(channel);
    this.#receiver.onChannelEnded(channel);
  }

  #addLive(offset: ChannelOffset): void {
    this.#live = [...this.#live, offset];
    this.#latestStart = Math.max(this.#latestStart, offset.since);
  }

  #send(event: EncodedEvent): void {
    if (canSeeProject(this.#receiver.actor, event.projectId)) this.#receiver.deliver(event.frame);
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#catchingUp = this.#waiting;
        this.#waiting = noChannelOffsets;
        const liveFrom = this.#live.length === 0 ? Infinity : this.#deliveredSeq;
        let position = Math.min(liveFrom, ...this.#catchingUp.map(({ since }) => since));
        while (position < this.#feed.latestSeq && !this.isIdle) position = await this.#replay(position);
        if (this.#closed) return;
        this.#deliveredSeq = Math.max(this.#deliveredSeq, position);
        for (const offset of this.#catchingUp) this.#addLive(offset);
        this.#catchingUp = noChannelOffsets;
      }
      // There was no await since the loop read the end of the stream, so every event from now on is live.
      this.#reading = false;
      for (const { channel } of this.#live) this.#feed.attach(channel, this);
    } catch (error) {
      const lost = this.channels;
      this.#live = this.#catchingUp = this.#waiting = noChannelOffsets;
      this.#reading = false;
      this.#receiver.onReadFailed(lost, error);
    }
  }

  /** Sends the events of a page of the log to channels that catch up and to live ones; returns where the page ends. */
  async #replay(position: number): Promise<number> {
    const events = await this.#feed.readAfter(position);
    for (const event of events) {
      while (this.#receiver.backpressure !== undefined && !this.#closed) await this.#receiver.backpressure;
      if (this.#closed) return Infinity;
      this.#take(event);
    }
    const last = events.at(-1);
    if (last === undefined)
      throw new AppError('TRY_AGAIN', 'The log cannot be read to its end now; try again.');
    return last.seq;
  }

  #take(event: EncodedEvent): void {
    const isNew = event.seq > this.#deliveredSeq;
    const isLive = startsBefore(this.#live, event);
    const isCaughtUp = startsBefore(this.#catchingUp, event);
    if (isNew) this.#deliveredSeq = event.seq;
    if (isNew ? isLive || isCaughtUp : isCaughtUp && !isLive) this.#send(event);
    const { endedChannel } = event;
    if (endedChannel === undefined) return;
    if (hasChannel(this.#live, endedChannel) || hasChannel(this.#catchingUp, endedChannel))
      this.endChannel(endedChannel);
  }
}

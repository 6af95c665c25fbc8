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

/** Who a cursor delivers to. */
export interface Receiver {
  readonly actor: Actor;
  /** Sends a frame, or cuts the connection off when too much waits already. */
  deliver(frame: Buffer): void;
  /** Undefined while more can be sent without piling up, else resolves when it can, or never will. */
  readonly backpressure: Promise<void> | undefined;
  /** Hears that a channel is followed no longer because there is no more of it. */
  onChannelEnded(channel: Channel): void;
  /** Hears that the log could not be read on, so that none of these channels is followed any more. */
  onReadFailed(channels: readonly Channel[], fault: unknown): void;
}

/**
 * The place of one connection in one stream, for all of its channels there: either live, or reading the log until
 * there is nothing more to read, and then live in the same tick. Each event comes once and in the order of the stream;
 * only a channel that joins from further back brings earlier ones, each that no other channel has brought.
 */
export class StreamCursor {
  readonly #feed: StreamFeed;
  readonly #receiver: Receiver;
  #live: ChannelOffsets = noChannelOffsets;
  /** What the log is being read for. */
  #catchingUp: ChannelOffsets = noChannelOffsets;
  /** What joined since: the log is read for it next. */
  #waiting: ChannelOffsets = noChannelOffsets;
  #reading = false;
  /** Up to here the settled channels have got everything. */
  #deliveredSeq = 0;
  /** No settled channel began behind this. */
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

  /** Follows channels from behind these events; what the log holds already comes in later ticks. */
  follow(beginnings: ChannelOffsets): void {
    for (const beginning of beginnings) {
      if (!this.#reading && this.#waiting.length === 0 && beginning.since >= this.#feed.latestSeq) {
        if (this.#live.length === 0) this.#deliveredSeq = beginning.since;
        this.#addLive(beginning);
        this.#feed.attach(beginning.channel, this);
      } else {
        this.#waiting = [...this.#waiting, beginning];
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

  /** Follows nothing any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { channel } of this.#live) this.#feed.detach(channel, this);
    this.#feed.release();
  }

  /** Takes an event that was just published on one of the channels. */
  offer(event: EncodedEvent): void {
    if (event.seq <= this.#deliveredSeq) return;
    if (event.seq <= this.#latestStart && !startsBefore(this.#live, event)) return;
    this.#deliveredSeq = event.seq;
    this.#send(event);
  }

  /** Stops following a channel that there is no more of. */
  endChannel(channel: Channel): void {
    this.unfollow(channel);
    this.#receiver.onChannelEnded(channel);
  }

  #addLive(beginning: ChannelOffset): void {
    this.#live = [...this.#live, beginning];
    this.#latestStart = Math.max(this.#latestStart, beginning.since);
  }

  #send(event: EncodedEvent): void {
    if (canSeeProject(this.#receiver.actor, event.projectId)) this.#receiver.deliver(event.frame);
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#catchingUp = this.#waiting;
        this.#waiting = noChannelOffsets;
        const settledFrom = this.#live.length === 0 ? Infinity : this.#deliveredSeq;
        let position = Math.min(settledFrom, ...this.#catchingUp.map(({ since }) => since));
        while (position < this.#feed.latestSeq && !this.isIdle) position = await this.#replay(position);
        if (this.#closed) return;
        this.#deliveredSeq = Math.max(this.#deliveredSeq, position);
        for (const beginning of this.#catchingUp) this.#addLive(beginning);
        this.#catchingUp = noChannelOffsets;
      }
      // No await since the last look at where the stream ends: what is published from now on is live.
      this.#reading = false;
      for (const { channel } of this.#live) this.#feed.attach(channel, this);
    } catch (fault) {
      const lost = this.channels;
      this.#live = this.#catchingUp = this.#waiting = noChannelOffsets;
      this.#reading = false;
      this.#receiver.onReadFailed(lost, fault);
    }
  }

  /** Sends what a page of the log holds for channels that catch up and for the settled ones; returns where it ends. */
  async #replay(position: number): Promise<number> {
    const events = await this.#feed.readAfter(position);
    for (const event of events) {
      while (this.#receiver.backpressure !== undefined && !this.#closed) await this.#receiver.backpressure;
      if (this.#closed) return Infinity;
      this.#take(event);
    }
    const last = events.at(-1);
    if (last === undefined) throw new AppError('TRY_AGAIN', 'The log ends before what is known of it.');
    return last.seq;
  }

  #take(event: EncodedEvent): void {
    const isNew = event.seq > this.#deliveredSeq;
    const settled = startsBefore(this.#live, event);
    const caught = startsBefore(this.#catchingUp, event);
    if (isNew) this.#deliveredSeq = event.seq;
    if (isNew ? settled || caught : caught && !settled) this.#send(event);
    const { endedChannel } = event;
    if (endedChannel === undefined) return;
    if (hasChannel(this.#live, endedChannel) || hasChannel(this.#catchingUp, endedChannel))
      this.endChannel(endedChannel);
  }
}

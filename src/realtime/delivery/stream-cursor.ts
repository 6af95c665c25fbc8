import { type Actor, canSee } from '../../domain/access/access.ts';
import type { Channel, Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import {
  type Beginning,
  type Beginnings,
  begunBefore,
  hasChannel,
  noBeginnings,
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
  readonly room: Promise<void> | undefined;
  /** Hears that a channel is followed no longer because there is no more of it. */
  ended(channel: Channel): void;
  /** Hears that the log could not be read on, so that none of these channels is followed any more. */
  failed(channels: readonly Channel[], fault: unknown): void;
}

/**
 * The place of one connection in one stream, for all of its channels there: either live, or reading the log until
 * there is nothing more to read, and then live in the same tick. Each event comes once and in the order of the stream;
 * only a channel that joins from further back brings earlier ones, each that no other channel has brought.
 */
export class Cursor {
  readonly #feed: StreamFeed;
  readonly #receiver: Receiver;
  #settled: Beginnings = noBeginnings;
  /** What the log is being read for. */
  #catching: Beginnings = noBeginnings;
  /** What joined since: the log is read for it next. */
  #waiting: Beginnings = noBeginnings;
  #reading = false;
  /** Up to here the settled channels have got everything. */
  #through = 0;
  /** No settled channel began behind this. */
  #floor = 0;
  #closed = false;

  constructor(feed: StreamFeed, receiver: Receiver) {
    this.#feed = feed;
    this.#receiver = receiver;
    feed.hold();
  }

  get stream(): Stream {
    return this.#feed.stream;
  }

  /** The channels that it follows. */
  get channels(): readonly Channel[] {
    return [...this.#settled, ...this.#catching, ...this.#waiting].map(({ channel }) => channel);
  }

  has(channel: Channel): boolean {
    return [this.#settled, this.#catching, this.#waiting].some((some) => hasChannel(some, channel));
  }

  /** Whether it follows nothing. */
  get isIdle(): boolean {
    return this.#settled.length + this.#catching.length + this.#waiting.length === 0;
  }

  /** Follows channels from behind these events; what the log holds already comes in later ticks. */
  join(beginnings: Beginnings): void {
    for (const beginning of beginnings) {
      if (!this.#reading && this.#waiting.length === 0 && beginning.since >= this.#feed.latest) {
        if (this.#settled.length === 0) this.#through = beginning.since;
        this.#settle(beginning);
        this.#feed.enter(beginning.channel, this);
      } else {
        this.#waiting = [...this.#waiting, beginning];
      }
    }
    if (this.#waiting.length === 0 || this.#reading) return;
    this.#reading = true;
    for (const { channel } of this.#settled) this.#feed.leave(channel, this);
    this.#through = Math.max(this.#through, this.#feed.published);
    void this.#catchUp();
  }

  /** Follows the channel no longer. */
  leave(channel: Channel): void {
    this.#settled = withoutChannel(this.#settled, channel);
    this.#catching = withoutChannel(this.#catching, channel);
    this.#waiting = withoutChannel(this.#waiting, channel);
    this.#feed.leave(channel, this);
  }

  /** Follows nothing any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { channel } of this.#settled) this.#feed.leave(channel, this);
    this.#feed.release();
  }

  /** Takes an event that was just published on one of the channels. */
  offer(event: EncodedEvent): void {
    if (event.seq <= this.#through) return;
    if (event.seq <= this.#floor && !begunBefore(this.#settled, event)) return;
    this.#through = event.seq;
    this.#send(event);
  }

  /** Stops following a channel that there is no more of. */
  end(channel: Channel): void {
    this.leave(channel);
    this.#receiver.ended(channel);
  }

  #settle(beginning: Beginning): void {
    this.#settled = [...this.#settled, beginning];
    this.#floor = Math.max(this.#floor, beginning.since);
  }

  #send(event: EncodedEvent): void {
    if (canSee(this.#receiver.actor, event.projectId)) this.#receiver.deliver(event.frame);
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#catching = this.#waiting;
        this.#waiting = noBeginnings;
        const settledFrom = this.#settled.length === 0 ? Infinity : this.#through;
        let position = Math.min(settledFrom, ...this.#catching.map(({ since }) => since));
        while (position < this.#feed.latest && !this.isIdle) position = await this.#replay(position);
        if (this.#closed) return;
        this.#through = Math.max(this.#through, position);
        for (const beginning of this.#catching) this.#settle(beginning);
        this.#catching = noBeginnings;
      }
      // No await since the last look at where the stream ends: what is published from now on is live.
      this.#reading = false;
      for (const { channel } of this.#settled) this.#feed.enter(channel, this);
    } catch (fault) {
      const lost = this.channels;
      this.#settled = this.#catching = this.#waiting = noBeginnings;
      this.#reading = false;
      this.#receiver.failed(lost, fault);
    }
  }

  /** Sends what a page of the log holds for channels that catch up and for the settled ones; returns where it ends. */
  async #replay(position: number): Promise<number> {
    const events = await this.#feed.after(position);
    for (const event of events) {
      while (this.#receiver.room !== undefined && !this.#closed) await this.#receiver.room;
      if (this.#closed) return Infinity;
      this.#take(event);
    }
    const last = events.at(-1);
    if (last === undefined) throw new AppError('TRY_AGAIN', 'The log ends before what is known of it.');
    return last.seq;
  }

  #take(event: EncodedEvent): void {
    const isNew = event.seq > this.#through;
    const settled = begunBefore(this.#settled, event);
    const caught = begunBefore(this.#catching, event);
    if (isNew) this.#through = event.seq;
    if (isNew ? settled || caught : caught && !settled) this.#send(event);
    const { ends } = event;
    if (ends === undefined) return;
    if (hasChannel(this.#settled, ends) || hasChannel(this.#catching, ends)) this.end(ends);
  }
}

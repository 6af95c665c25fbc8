import { type Actor, canSee } from '../domain/access.ts';
import type { Channel } from '../domain/channel.ts';
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

/** Channels, and behind which event each of them begins. */
type Beginnings = Map<Channel, number>;

/**
 * The place of one connection in one stream, for all of its channels there: either live, or reading the log until
 * there is nothing more to read, and then live in the same tick. Each event comes once and in the order of the stream;
 * only a channel that joins from further back brings earlier ones, each that no other channel has brought.
 */
export class Cursor {
  readonly #feed: StreamFeed;
  readonly #receiver: Receiver;
  readonly #settled: Beginnings = new Map();
  /** What is being read from the log for channels that joined. */
  #catching: Beginnings | undefined;
  /** What joined since: it is read next. */
  #waiting: Beginnings | undefined;
  /** Up to here the settled channels have got everything. */
  #through = 0;
  /** No settled channel began behind this. */
  #floor = 0;
  #closed = false;

  constructor(feed: StreamFeed, receiver: Receiver) {
    this.#feed = feed;
    this.#receiver = receiver;
  }

  /** Whether it follows nothing. */
  get isIdle(): boolean {
    return this.#settled.size === 0 && !this.#catching?.size && !this.#waiting?.size;
  }

  /** Follows channels from behind these events; what the log holds already comes in later ticks. */
  join(beginnings: Iterable<readonly [Channel, number]>): void {
    for (const [channel, since] of beginnings) {
      if (this.#catching === undefined && this.#waiting === undefined && since >= this.#feed.latest) {
        if (this.#settled.size === 0) this.#through = since;
        this.#settle(channel, since);
        this.#feed.enter(channel, this);
      } else {
        this.#waiting ??= new Map();
        this.#waiting.set(channel, since);
      }
    }
    if (this.#waiting !== undefined && this.#catching === undefined) {
      for (const channel of this.#settled.keys()) this.#feed.leave(channel, this);
      this.#through = Math.max(this.#through, this.#feed.published);
      void this.#catchUp();
    }
  }

  /** Follows the channel no longer. */
  leave(channel: Channel): void {
    this.#settled.delete(channel);
    this.#catching?.delete(channel);
    this.#waiting?.delete(channel);
    this.#feed.leave(channel, this);
  }

  /** Follows nothing any more. */
  close(): void {
    this.#closed = true;
    for (const channel of this.#settled.keys()) this.#feed.leave(channel, this);
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

  #settle(channel: Channel, since: number): void {
    this.#settled.set(channel, since);
    if (since > this.#floor) this.#floor = since;
  }

  #send(event: EncodedEvent): void {
    if (canSee(this.#receiver.actor, event.projectId)) this.#receiver.deliver(event.frame);
  }

  async #catchUp(): Promise<void> {
    try {
      while (this.#waiting !== undefined) {
        const catching = this.#waiting;
        this.#catching = catching;
        this.#waiting = undefined;
        await this.#replay(catching);
        if (this.#closed) return;
        for (const [channel, since] of catching) this.#settle(channel, since);
      }
      this.#catching = undefined;
      for (const channel of this.#settled.keys()) this.#feed.enter(channel, this);
    } catch (fault) {
      const lost = [this.#settled, this.#catching, this.#waiting].flatMap((some) => [
        ...(some?.keys() ?? []),
      ]);
      this.#settled.clear();
      this.#catching = undefined;
      this.#waiting = undefined;
      this.#receiver.failed([...new Set(lost)], fault);
    }
  }

  /** Sends what the log holds for channels that catch up and for the settled ones, until the end of what is known. */
  async #replay(catching: Beginnings): Promise<void> {
    let position = Math.min(this.#settled.size === 0 ? Infinity : this.#through, ...catching.values());
    while (position < this.#feed.latest && !this.isIdle) {
      const events = await this.#feed.after(position);
      if (events.length === 0) break;
      for (const event of events) {
        while (this.#receiver.room !== undefined && !this.#closed) await this.#receiver.room;
        if (this.#closed) return;
        position = event.seq;
        this.#take(event, catching);
      }
    }
    this.#through = Math.max(this.#through, position);
  }

  #take(event: EncodedEvent, catching: Beginnings): void {
    const isNew = event.seq > this.#through;
    const settled = begunBefore(this.#settled, event);
    const caught = begunBefore(catching, event);
    if (isNew) this.#through = event.seq;
    if (isNew ? settled || caught : caught && !settled) this.#send(event);
    const { ends } = event;
    if (ends !== undefined && (this.#settled.has(ends) || catching.has(ends))) this.end(ends);
  }
}

function begunBefore(channels: Beginnings, { seq, channels: carrying }: EncodedEvent): boolean {
  for (const channel of carrying) {
    const began = channels.get(channel);
    if (began !== undefined && began < seq) return true;
  }
  return false;
}

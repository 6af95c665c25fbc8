import type { ActorReader, Open } from '../../application/access/actor-store.ts';
import { callBy } from '../../application/access/call.ts';
import { streamFor } from '../../application/events/channel-access.ts';
import { assertWithin, losing } from '../../application/events/resume-position.ts';
import type { Actor } from '../../domain/access/access.ts';
import {
  type Channel,
  formatPosition,
  type Position,
  parsePosition,
  type Stream,
} from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import type { ServerFrame, UnsubscribeReason } from '../protocol/frames.ts';
import type { Connection } from '../socket/connection.ts';
import { Cursor, type Receiver } from './stream-cursor.ts';
import type { StreamFeed } from './stream-feed.ts';

/** What subscriptions are made from. */
export interface SubscriptionNeeds {
  readonly open: Open;
  /** The feed of a stream, which whoever asked for it holds until it is released. */
  readonly holdFeed: (stream: Stream) => StreamFeed;
  /** Hears what went wrong here and is nothing the client did. */
  readonly onFault: (fault: unknown) => void;
}

/** A channel to subscribe to, from behind a position, from the beginning of its stream, or from its head. */
export interface Target {
  readonly channel: Channel;
  readonly since?: string | 'beginning' | undefined;
}

interface Place {
  readonly channel: Channel;
  readonly stream: Stream;
  readonly position: Position;
  readonly recovered: boolean;
}

/** The channels that one connection follows. */
export class Subscriptions implements Receiver {
  readonly #connection: Connection;
  readonly #needs: SubscriptionNeeds;
  /** One for each stream that has a channel of these. */
  #cursors: readonly Cursor[] = [];

  constructor(connection: Connection, needs: SubscriptionNeeds) {
    this.#connection = connection;
    this.#needs = needs;
  }

  get size(): number {
    return this.channels.length;
  }

  get channels(): readonly Channel[] {
    return this.#cursors.flatMap((cursor) => cursor.channels);
  }

  has(channel: Channel): boolean {
    return this.#cursors.some((cursor) => cursor.has(channel));
  }

  /** Follows what may be followed of these, none of which it has, and tells the client of each. Returns the errors. */
  async add(targets: readonly Target[], id: string | undefined): Promise<ReadonlyMap<Channel, AppError>> {
    const { places, errors } = await this.#resolve(targets);
    const streams = new Set(places.map((place) => place.stream));
    const feeds = new Map(Array.from(streams, (stream) => [stream, this.#needs.holdFeed(stream)]));
    try {
      return await this.#join(places, feeds, errors, id);
    } finally {
      for (const feed of feeds.values()) feed.release();
    }
  }

  async #join(
    places: readonly Place[],
    feeds: ReadonlyMap<Stream, StreamFeed>,
    errors: Map<Channel, AppError>,
    id: string | undefined,
  ): Promise<ReadonlyMap<Channel, AppError>> {
    const kept: (Place & { readonly feed: StreamFeed })[] = [];
    for (const place of places) {
      const feed = feeds.get(place.stream) as StreamFeed;
      try {
        await assertKept(feed, place);
        kept.push({ ...place, feed });
      } catch (error) {
        errors.set(place.channel, asAppError(error, this.#needs.onFault));
      }
    }
    // No await from here to the joins: what is published in between would be lost.
    if (!this.#connection.isOpen) return errors;
    for (const { channel, stream, position, recovered } of kept) {
      const ack = { channel, stream, position: formatPosition(position), recovered };
      this.#connection.send({ type: 'subscribed', ...(id === undefined ? {} : { id }), ...ack });
    }
    for (const feed of new Set(kept.map((place) => place.feed))) {
      const joining = kept.filter((place) => place.feed === feed);
      this.#cursor(feed).join(joining.map(({ channel, position }) => ({ channel, since: position.seq })));
    }
    return errors;
  }

  /** Follows the channel no longer, and tells the client so. */
  remove(channel: Channel, reason: UnsubscribeReason, id?: string): void {
    for (const cursor of this.#cursors) cursor.leave(channel);
    this.#dropIdle();
    this.#connection.send({ type: 'unsubscribed', ...(id === undefined ? {} : { id }), channel, reason });
  }

  /** Drops every channel that is not the actor's to hear any more. */
  async recheck(): Promise<void> {
    const lost = await this.#read(async (reader) => {
      const gone: Channel[] = [];
      for (const channel of this.channels) {
        const stream = await streamFor(reader, this.actor, channel).catch(ignoringNotFound);
        if (stream === undefined) gone.push(channel);
      }
      return gone;
    });
    for (const channel of lost) if (this.has(channel)) this.remove(channel, 'not_found');
  }

  /** Follows nothing any more. */
  close(): void {
    for (const cursor of this.#cursors) cursor.close();
    this.#cursors = [];
  }

  get actor(): Actor {
    return this.#connection.actor;
  }

  get room(): Promise<void> | undefined {
    return this.#connection.room;
  }

  deliver(frame: Buffer): void {
    this.#connection.deliver(frame);
  }

  ended(channel: Channel): void {
    this.#dropIdle();
    this.#connection.send({ type: 'unsubscribed', channel, reason: 'not_found' });
  }

  failed(channels: readonly Channel[], fault: unknown): void {
    const { code } = asAppError(fault, this.#needs.onFault);
    const reason = code === 'POSITION_LOST' ? 'position_lost' : 'try_again';
    this.#dropIdle();
    for (const channel of channels) {
      this.#connection.send({ type: 'unsubscribed', channel, reason } satisfies ServerFrame);
    }
  }

  #read<T>(work: (reader: ActorReader) => Promise<T>): Promise<T> {
    return this.#needs.open(callBy(this.actor)).read(work);
  }

  /** Where each target begins, all as of one instant. */
  async #resolve(targets: readonly Target[]) {
    return this.#read(async (reader) => {
      const places: Place[] = [];
      const errors = new Map<Channel, AppError>();
      for (const { channel, since } of targets) {
        try {
          const stream = await streamFor(reader, this.actor, channel);
          const head = await reader.events.head(stream);
          const position = beginning(stream, since, head);
          places.push({ channel, stream, position, recovered: since !== undefined });
        } catch (error) {
          errors.set(channel, asAppError(error, this.#needs.onFault));
        }
      }
      return { places, errors };
    });
  }

  #cursor(feed: StreamFeed): Cursor {
    const known = this.#cursors.find((cursor) => cursor.stream === feed.stream);
    if (known !== undefined) return known;
    const cursor = new Cursor(feed, this);
    this.#cursors = [...this.#cursors, cursor];
    return cursor;
  }

  #dropIdle(): void {
    for (const cursor of this.#cursors) if (cursor.isIdle) cursor.close();
    this.#cursors = this.#cursors.filter((cursor) => !cursor.isIdle);
  }
}

/** Throws POSITION_LOST when the log does not reach back to the place. */
async function assertKept(feed: StreamFeed, { stream, position }: Place): Promise<void> {
  await feed.begin();
  if (position.seq >= feed.latest) return;
  await feed.after(position.seq).catch(losing(stream, position, { ...position, seq: feed.latest }));
}

function beginning(stream: Stream, since: string | undefined, head: Position): Position {
  if (since === undefined) return head;
  if (since === 'beginning') return { epoch: head.epoch, seq: 0 };
  const position = parsePosition(since);
  if (position === undefined) throw new AppError('BAD_REQUEST', 'since is a position, as in k3f9:812.');
  assertWithin(stream, position, head);
  return position;
}

function ignoringNotFound(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
}

function asAppError(error: unknown, onFault: (fault: unknown) => void): AppError {
  if (error instanceof AppError && error.code !== 'STORE_FAILED' && error.code !== 'NOT_READY') return error;
  onFault(error);
  return error instanceof AppError
    ? new AppError('TRY_AGAIN', 'The log cannot be read now; try again.')
    : new AppError('INTERNAL_ERROR', 'Something went wrong here; the log tells what.');
}

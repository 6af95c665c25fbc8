import type { ActorReader, ActorStoreFactory } from '../../application/access/actor-store.ts';
import { callBy } from '../../application/access/call.ts';
import { requireChannelStream } from '../../application/events/channel-access.ts';
import { assertResumable, withStreamHead } from '../../application/events/resume-position.ts';
import type { Actor } from '../../domain/access/access.ts';
import type { Channel, Stream } from '../../domain/channel.ts';
import { AppError, toAppError } from '../../domain/errors.ts';
import { formatPosition, type Position, parsePosition } from '../../domain/position.ts';
import type { ServerFrame, UnsubscribeReason } from '../protocol/frames.ts';
import type { Connection } from '../socket/connection.ts';
import { type Receiver, StreamCursor } from './stream-cursor.ts';
import type { StreamFeed } from './stream-feed.ts';

/** What subscriptions are made from. */
export interface SubscriptionDependencies {
  readonly open: ActorStoreFactory;
  /** The feed of a stream, which whoever asked for it holds until it is released. */
  readonly retainFeed: (stream: Stream) => StreamFeed;
  /** Hears what went wrong here and is nothing the client did. */
  readonly onError: (fault: unknown) => void;
}

/** A channel to subscribe to, from behind a position, from the beginning of its stream, or from its head. */
export interface SubscriptionTarget {
  readonly channel: Channel;
  readonly since?: string | 'beginning' | undefined;
}

interface SubscriptionStart {
  readonly channel: Channel;
  readonly stream: Stream;
  readonly position: Position;
  readonly recovered: boolean;
}

/** The channels that one connection follows. */
export class Subscriptions implements Receiver {
  readonly #connection: Connection;
  readonly #dependencies: SubscriptionDependencies;
  /** One for each stream that has a channel of these. */
  #cursors: readonly StreamCursor[] = [];

  constructor(connection: Connection, needs: SubscriptionDependencies) {
    this.#connection = connection;
    this.#dependencies = needs;
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
  async add(
    targets: readonly SubscriptionTarget[],
    id: string | undefined,
  ): Promise<ReadonlyMap<Channel, AppError>> {
    const { places, errors } = await this.#resolve(targets);
    const streams = new Set(places.map((place) => place.stream));
    const feeds = new Map(Array.from(streams, (stream) => [stream, this.#dependencies.retainFeed(stream)]));
    try {
      return await this.#join(places, feeds, errors, id);
    } finally {
      for (const feed of feeds.values()) feed.release();
    }
  }

  async #join(
    places: readonly SubscriptionStart[],
    feeds: ReadonlyMap<Stream, StreamFeed>,
    errors: Map<Channel, AppError>,
    id: string | undefined,
  ): Promise<ReadonlyMap<Channel, AppError>> {
    const kept: (SubscriptionStart & { readonly feed: StreamFeed })[] = [];
    for (const place of places) {
      const feed = feeds.get(place.stream) as StreamFeed;
      try {
        await assertRetained(feed, place);
        kept.push({ ...place, feed });
      } catch (error) {
        errors.set(place.channel, toChannelError(error, this.#dependencies.onError));
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
      this.#cursor(feed).follow(joining.map(({ channel, position }) => ({ channel, since: position.seq })));
    }
    return errors;
  }

  /** Follows the channel no longer, and tells the client so. */
  remove(channel: Channel, reason: UnsubscribeReason, id?: string): void {
    for (const cursor of this.#cursors) cursor.unfollow(channel);
    this.#dropIdle();
    this.#connection.send({ type: 'unsubscribed', ...(id === undefined ? {} : { id }), channel, reason });
  }

  /** Drops every channel that is not the actor's to hear any more. */
  async reauthorize(): Promise<void> {
    const lost = await this.#read(async (reader) => {
      const gone: Channel[] = [];
      for (const channel of this.channels) {
        const stream = await requireChannelStream(reader, this.actor, channel).catch(ignoreNotFound);
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

  get backpressure(): Promise<void> | undefined {
    return this.#connection.backpressure;
  }

  deliver(frame: Buffer): void {
    this.#connection.deliver(frame);
  }

  onChannelEnded(channel: Channel): void {
    this.#dropIdle();
    this.#connection.send({ type: 'unsubscribed', channel, reason: 'not_found' });
  }

  onReadFailed(channels: readonly Channel[], fault: unknown): void {
    const { code } = toChannelError(fault, this.#dependencies.onError);
    const reason = code === 'POSITION_LOST' ? 'position_lost' : 'try_again';
    this.#dropIdle();
    for (const channel of channels) {
      this.#connection.send({ type: 'unsubscribed', channel, reason } satisfies ServerFrame);
    }
  }

  #read<T>(work: (reader: ActorReader) => Promise<T>): Promise<T> {
    return this.#dependencies.open(callBy(this.actor)).read(work);
  }

  /** Where each target begins, all as of one instant. */
  async #resolve(targets: readonly SubscriptionTarget[]) {
    return this.#read(async (reader) => {
      const places: SubscriptionStart[] = [];
      const errors = new Map<Channel, AppError>();
      for (const { channel, since } of targets) {
        try {
          const stream = await requireChannelStream(reader, this.actor, channel);
          const head = await reader.events.head(stream);
          const position = startPosition(stream, since, head);
          places.push({ channel, stream, position, recovered: since !== undefined });
        } catch (error) {
          errors.set(channel, toChannelError(error, this.#dependencies.onError));
        }
      }
      return { places, errors };
    });
  }

  #cursor(feed: StreamFeed): StreamCursor {
    const known = this.#cursors.find((cursor) => cursor.stream === feed.stream);
    if (known !== undefined) return known;
    const cursor = new StreamCursor(feed, this);
    this.#cursors = [...this.#cursors, cursor];
    return cursor;
  }

  #dropIdle(): void {
    for (const cursor of this.#cursors) if (cursor.isIdle) cursor.close();
    this.#cursors = this.#cursors.filter((cursor) => !cursor.isIdle);
  }
}

/** Throws POSITION_LOST when the log does not reach back to the place. */
async function assertRetained(feed: StreamFeed, { stream, position }: SubscriptionStart): Promise<void> {
  await feed.initialize();
  if (position.seq >= feed.latestSeq) return;
  await feed
    .readAfter(position.seq)
    .catch(withStreamHead(stream, position, { ...position, seq: feed.latestSeq }));
}

function startPosition(stream: Stream, since: string | undefined, head: Position): Position {
  if (since === undefined) return head;
  if (since === 'beginning') return { epoch: head.epoch, seq: 0 };
  const position = parsePosition(since);
  if (position === undefined) throw new AppError('BAD_REQUEST', 'since is a position, as in k3f9:812.');
  assertResumable(stream, position, head);
  return position;
}

function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
}

/** The error of one channel. A store that fails concerns this subscription only; the connection may try again. */
function toChannelError(error: unknown, onError: (error: unknown) => void): AppError {
  const appError = toAppError(error);
  const isStoreDown = appError.code === 'STORE_FAILED' || appError.code === 'NOT_READY';
  if (isStoreDown || appError !== error) onError(error);
  return isStoreDown ? new AppError('TRY_AGAIN', 'The log cannot be read now; try again.') : appError;
}

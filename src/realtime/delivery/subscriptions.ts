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

/** What subscriptions need. */
export interface SubscriptionDependencies {
  readonly open: ActorStoreFactory;
  /** Retains the feed of a stream; the caller releases it. */
  readonly retainFeed: (stream: Stream) => StreamFeed;
  /** Is called with errors that are not the fault of the client. */
  readonly onError: (error: unknown) => void;
}

/** A channel to subscribe to: after a position, from the beginning of its stream, or from its head. */
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

  /** Subscribes to those of these new channels that the actor may follow, and acknowledges each. Returns the errors of the others. */
  async add(
    targets: readonly SubscriptionTarget[],
    id: string | undefined,
  ): Promise<ReadonlyMap<Channel, AppError>> {
    const { starts, errors } = await this.#resolve(targets);
    const streams = new Set(starts.map((start) => start.stream));
    const feeds = new Map(Array.from(streams, (stream) => [stream, this.#dependencies.retainFeed(stream)]));
    try {
      return await this.#join(starts, feeds, errors, id);
    } finally {
      for (const feed of feeds.values()) feed.release();
    }
  }

  async #join(
    starts: readonly SubscriptionStart[],
    feeds: ReadonlyMap<Stream, StreamFeed>,
    errors: Map<Channel, AppError>,
    id: string | undefined,
  ): Promise<ReadonlyMap<Channel, AppError>> {
    const kept: (SubscriptionStart & { readonly feed: StreamFeed })[] = [];
    for (const start of starts) {
      const feed = feeds.get(start.stream) as StreamFeed;
      try {
        await assertRetained(feed, start);
        kept.push({ ...start, feed });
      } catch (error) {
        errors.set(start.channel, toChannelError(error, this.#dependencies.onError));
      }
    }
    // There is no await between here and `follow`: events published in between would be lost.
    if (!this.#connection.isOpen) return errors;
    for (const { channel, stream, position, recovered } of kept) {
      const ack = { channel, stream, position: formatPosition(position), recovered };
      this.#connection.send({ type: 'subscribed', ...(id === undefined ? {} : { id }), ...ack });
    }
    for (const feed of new Set(kept.map((start) => start.feed))) {
      const joined = kept.filter((start) => start.feed === feed);
      this.#cursor(feed).follow(joined.map(({ channel, position }) => ({ channel, since: position.seq })));
    }
    return errors;
  }

  /** Ends a subscription and reports it to the client. */
  remove(channel: Channel, reason: UnsubscribeReason, id?: string): void {
    for (const cursor of this.#cursors) cursor.unfollow(channel);
    this.#dropIdle();
    this.#connection.send({ type: 'unsubscribed', ...(id === undefined ? {} : { id }), channel, reason });
  }

  /** Ends the subscriptions to channels that the actor may no longer follow. */
  async reauthorize(): Promise<void> {
    const lost = await this.#read(async (reader) => {
      const gone: Channel[] = [];
      for (const channel of this.channels) {
        const stream = await requireChannelStream(reader, this.actor, channel).catch(ignoreNotFound);
        if (stream === undefined) gone.push(channel);
      }
      return gone;
    });
    for (const channel of lost) if (this.has(channel)) this.remove(channel, 'NOT_FOUND');
  }

  /** Ends every subscription. */
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
    this.#connection.send({ type: 'unsubscribed', channel, reason: 'NOT_FOUND' });
  }

  onReadFailed(channels: readonly Channel[], error: unknown): void {
    const { code } = toChannelError(error, this.#dependencies.onError);
    const reason = code === 'POSITION_LOST' ? 'POSITION_LOST' : 'TRY_AGAIN';
    this.#dropIdle();
    for (const channel of channels) {
      this.#connection.send({ type: 'unsubscribed', channel, reason } satisfies ServerFrame);
    }
  }

  #read<T>(work: (reader: ActorReader) => Promise<T>): Promise<T> {
    return this.#dependencies.open(callBy(this.actor)).read(work);
  }

  /** The position where each target starts, all read at one instant. */
  async #resolve(targets: readonly SubscriptionTarget[]) {
    return this.#read(async (reader) => {
      const starts: SubscriptionStart[] = [];
      const errors = new Map<Channel, AppError>();
      for (const { channel, since } of targets) {
        try {
          const stream = await requireChannelStream(reader, this.actor, channel);
          const head = await reader.events.head(stream);
          const position = startPosition(stream, since, head);
          starts.push({ channel, stream, position, recovered: since !== undefined });
        } catch (error) {
          errors.set(channel, toChannelError(error, this.#dependencies.onError));
        }
      }
      return { starts, errors };
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

/** Throws POSITION_LOST when the log does not reach back to the start. */
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
  if (position === undefined) throw new AppError('BAD_REQUEST', 'since must be a position, as in k3f9:812.');
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

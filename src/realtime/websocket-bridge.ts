import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { ActorStoreFactory } from '../application/access/actor-store.ts';
import type { Authenticator } from '../application/access/authenticator.ts';
import { rejectionReason } from '../application/access/credential-check.ts';
import { RateLimiter } from '../application/access/rate-limiter.ts';
import type { EventBus } from '../application/events/event-bus.ts';
import type { SocketMonitor, SocketStatus } from '../application/events/socket-monitor.ts';
import type { EventRecord, Store } from '../application/store/store.ts';
import type { Actor } from '../domain/access/access.ts';
import type { Stream } from '../domain/channel.ts';
import { AppError } from '../domain/errors.ts';
import { projectOfEvent } from '../domain/events.ts';
import { LogPageCache } from './delivery/log-page-cache.ts';
import { StreamFeed } from './delivery/stream-feed.ts';
import { closeCodes } from './protocol/close-codes.ts';
import { Connection } from './socket/connection.ts';
import { drain } from './socket/drain.ts';
import type { SocketLimits } from './socket/socket-limits.ts';
import { createListenerBinder } from './socket/socket-listeners.ts';
import type { SocketLog } from './socket/socket-log.ts';
import { Subscriber } from './subscriber.ts';

/** What the bridge needs. */
export interface BridgeDependencies {
  readonly store: Pick<Store, 'read'>;
  readonly open: ActorStoreFactory;
  readonly bus: EventBus;
  readonly authenticator: Authenticator;
  readonly log: SocketLog;
  readonly limits: SocketLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** An upgraded socket: its actor, its address, and the channels that the handshake asked for. */
export interface AcceptedSocket {
  readonly actor: Actor;
  readonly address: string;
  readonly channels: readonly string[];
}

/** Passes each committed event from the bus to the sockets that follow one of its channels, and to no others. */
export class WebSocketBridge implements SocketMonitor {
  readonly #dependencies: BridgeDependencies;
  readonly #pages: LogPageCache;
  readonly #feeds = new Map<Stream, StreamFeed>();
  readonly #subscribers = new Map<WebSocket, Subscriber>();
  readonly #subjects = new Map<string, number>();
  readonly #rejectedCredentials: RateLimiter;
  readonly #subscriberDependencies: ConstructorParameters<typeof Subscriber>[1];
  readonly #attach: (ws: WebSocket) => void;
  #checking: Promise<void> | undefined;
  #ticks = 0;
  #draining = false;

  constructor(needs: BridgeDependencies) {
    const { limits, now, open, authenticator, log } = needs;
    this.#dependencies = needs;
    this.#pages = new LogPageCache(needs.store, limits.replayPage);
    this.#rejectedCredentials = new RateLimiter(limits.failuresPerMinute / 60, limits.failuresPerMinute, now);
    this.#subscriberDependencies = {
      open,
      authenticator,
      limits,
      now,
      retainFeed: (stream) => this.#retainFeed(stream),
      commandBuckets: new RateLimiter(limits.commandsPerSecond, limits.commandBurst, now),
      errorBuckets: new RateLimiter(limits.errorsPerSecond, limits.errorBurst, now),
      countRejectedCredential: (address) => this.countFailure(address),
      onError: (error) => log.error({ err: error }, 'A socket failed.'),
    };
    this.#attach = createListenerBinder({
      message: (ws, data, isBinary) => this.#handle(ws, data, isBinary),
      pong: (ws) => this.#subscribers.get(ws)?.connection.notePong(),
      error: (ws, err) =>
        log.info({ connectionId: this.#subscribers.get(ws)?.connection.id, err }, 'A socket broke.'),
      close: (ws, code) => this.#remove(ws, code),
    });
  }

  /** Whether the bridge accepts no more sockets. */
  get isDraining(): boolean {
    return this.#draining;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** How many connections this subject has. */
  countBySubject(subject: string): number {
    return this.#subjects.get(subject) ?? 0;
  }

  /** Counts a rejected credential. Throws RATE_LIMITED after too many from the address. */
  countFailure(address: string): void {
    if (!this.#rejectedCredentials.take(address).allowed) {
      throw new AppError(
        'RATE_LIMITED',
        'Too many rejected credentials came from this address; try again later.',
      );
    }
  }

  /** Accepts a socket that was just upgraded. */
  accept(ws: WebSocket, socket: Duplex, { actor, address, channels }: AcceptedSocket): void {
    const { limits, now, log } = this.#dependencies;
    const about = { id: crypto.randomUUID(), address, actor, openedAt: now(), phase: Math.random() };
    const connection = new Connection(ws, socket, about, limits);
    const subscriber = new Subscriber(connection, this.#subscriberDependencies);
    this.#subscribers.set(ws, subscriber);
    this.#subjects.set(actor.id, this.countBySubject(actor.id) + 1);
    log.info({ connectionId: about.id, subject: actor.id, address }, 'A socket was opened.');
    this.#attach(ws);
    subscriber.start(channels);
  }

  /** Runs once a second: pings, token expiry, and whether each actor may still follow its channels. */
  tick(): void {
    const now = this.#dependencies.now();
    for (const { connection } of this.#subscribers.values()) connection.tick(now);
    this.#ticks += 1;
    if (this.#ticks % 5 === 0) {
      this.#pages.sweep();
      this.#subscriberDependencies.commandBuckets.sweep();
      this.#subscriberDependencies.errorBuckets.sweep();
    }
    this.#checking ??= this.#checkAccess()
      .catch((error: unknown) => this.#subscriberDependencies.onError(error))
      .finally(() => {
        this.#checking = undefined;
      });
  }

  /** Accepts no more sockets and closes all connections, spread over at most `withinMs` milliseconds, telling each when to reconnect. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const { drainPerConnectionMs, drainMs } = this.#dependencies.limits;
    const window = Math.min(drainMs, withinMs, this.size * drainPerConnectionMs);
    await drain(
      [...this.#subscribers.values()].map((subscriber) => subscriber.connection),
      window,
    );
  }

  status(): SocketStatus[] {
    return Array.from(this.#subscribers.values(), ({ connection, subscriptions }) => ({
      connectionId: connection.id,
      subject: connection.actor.id,
      address: connection.address,
      openedAt: connection.openedAt,
      readyState: connection.readyState,
      channels: subscriptions.channels,
      waitingBytes: connection.waitingBytes,
    }));
  }

  #handle(ws: WebSocket, data: RawData, isBinary: boolean): void {
    const subscriber = this.#subscribers.get(ws);
    if (!subscriber?.connection.isOpen) return;
    if (isBinary) subscriber.connection.end(closeCodes.malformed, 'Frames are text.');
    else subscriber.handle(data.toString());
  }

  #remove(ws: WebSocket, code: number): void {
    const subscriber = this.#subscribers.get(ws);
    if (subscriber === undefined) return;
    const { id, actor } = subscriber.connection;
    subscriber.close();
    this.#subscribers.delete(ws);
    const left = this.countBySubject(actor.id) - 1;
    if (left > 0) this.#subjects.set(actor.id, left);
    else this.#subjects.delete(actor.id);
    this.#dependencies.log.info({ connectionId: id, subject: actor.id, code }, 'A socket was closed.');
  }

  #retainFeed(stream: Stream): StreamFeed {
    const feed = this.#feeds.get(stream) ?? this.#follow(stream);
    feed.retain();
    return feed;
  }

  /** Follows a stream while its feed is in use. */
  #follow(stream: Stream): StreamFeed {
    const feed = new StreamFeed(stream, this.#pages, () => {
      unsubscribe();
      this.#feeds.delete(stream);
    });
    const unsubscribe = this.#dependencies.bus.subscribe(stream, (records) => {
      for (const record of records) this.#publish(feed, record);
    });
    this.#feeds.set(stream, feed);
    return feed;
  }

  #publish(feed: StreamFeed, record: EventRecord): void {
    feed.publish(record);
    if (record.stream === 'workspace') this.#announceProject(projectOfEvent(record.data));
  }

  /** Subscribes those who follow everything to a project that they do not follow yet. */
  #announceProject(projectId: string | null): void {
    if (projectId === null) return;
    for (const subscriber of this.#subscribers.values()) {
      if (subscriber.followsAll && !subscriber.subscriptions.has(`project:${projectId}`))
        subscriber.followProject(projectId);
    }
  }

  async #checkAccess(): Promise<void> {
    const subscribers = [...this.#subscribers.values()];
    const { store, now } = this.#dependencies;
    const known = subscribers.filter(({ connection }) => connection.actor.tokenId !== undefined);
    if (known.length > 0) {
      await store.read(async (reader) => {
        for (const { connection } of known) {
          const reason = await rejectionReason(reader, connection.actor, now());
          if (reason !== undefined) connection.end(closeCodes.tokenRevoked, reason.slice(0, 120));
        }
      });
    }
    // The channels of a bound agent change with the tasks of its session; those of others are fixed by their token.
    for (const { connection, subscriptions } of subscribers) {
      if (connection.actor.sessionId !== undefined && subscriptions.size > 0)
        await subscriptions.reauthorize();
    }
  }
}

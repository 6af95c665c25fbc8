import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Open } from '../application/access/actor-store.ts';
import type { Authenticator } from '../application/access/authenticator.ts';
import { refusalOf } from '../application/access/credential-check.ts';
import { TokenBuckets } from '../application/access/rate-limiter.ts';
import type { EventBus } from '../application/events/event-bus.ts';
import type { SocketMonitor, SocketStatus } from '../application/events/socket-monitor.ts';
import type { EventRecord, Store } from '../application/store/store.ts';
import type { Actor } from '../domain/access/access.ts';
import type { Stream } from '../domain/channel.ts';
import { AppError } from '../domain/errors.ts';
import { projectOfEvent } from '../domain/events.ts';
import { LogPages } from './delivery/log-pages.ts';
import { StreamFeed } from './delivery/stream-feed.ts';
import { closeCodes } from './protocol/close-codes.ts';
import { Connection } from './socket/connection.ts';
import { drain } from './socket/drain.ts';
import type { RealtimeLimits } from './socket/socket-limits.ts';
import { attaching } from './socket/socket-listeners.ts';
import type { RealtimeLog } from './socket/socket-log.ts';
import { Member } from './subscriber.ts';

/** What the bridge is made from. */
export interface BridgeNeeds {
  readonly store: Pick<Store, 'read'>;
  readonly open: Open;
  readonly bus: EventBus;
  readonly authenticator: Authenticator;
  readonly log: RealtimeLog;
  readonly limits: RealtimeLimits;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Who connects. */
export interface Newcomer {
  readonly actor: Actor;
  readonly address: string;
  readonly channels: readonly string[];
}

/** From the bus to the sockets: every committed event to those who follow one of its channels, and to nobody else. */
export class WebSocketBridge implements SocketMonitor {
  readonly #needs: BridgeNeeds;
  readonly #pages: LogPages;
  readonly #feeds = new Map<Stream, StreamFeed>();
  readonly #members = new Map<WebSocket, Member>();
  readonly #subjects = new Map<string, number>();
  readonly #failures: TokenBuckets;
  readonly #memberNeeds: ConstructorParameters<typeof Member>[1];
  readonly #attach: (ws: WebSocket) => void;
  #checking: Promise<void> | undefined;
  #beats = 0;
  #draining = false;

  constructor(needs: BridgeNeeds) {
    const { limits, now, open, authenticator, log } = needs;
    this.#needs = needs;
    this.#pages = new LogPages(needs.store, limits.replayPage);
    this.#failures = new TokenBuckets(limits.failuresPerMinute / 60, limits.failuresPerMinute, now);
    this.#memberNeeds = {
      open,
      authenticator,
      limits,
      now,
      holdFeed: (stream) => this.#holdFeed(stream),
      commandBuckets: new TokenBuckets(limits.commandsPerSecond, limits.commandBurst, now),
      errorBuckets: new TokenBuckets(limits.errorsPerSecond, limits.errorBurst, now),
      countFailure: (address) => this.countFailure(address),
      onFault: (fault) => log.error({ err: fault }, 'A socket met a fault.'),
    };
    this.#attach = attaching({
      message: (ws, data, isBinary) => this.#take(ws, data, isBinary),
      pong: (ws) => this.#members.get(ws)?.connection.hear(),
      error: (ws, err) =>
        log.info({ connectionId: this.#members.get(ws)?.connection.id, err }, 'A socket broke.'),
      close: (ws, code) => this.#forget(ws, code),
    });
  }

  /** Whether nobody is taken in any more. */
  get isDraining(): boolean {
    return this.#draining;
  }

  get size(): number {
    return this.#members.size;
  }

  /** How many connections this subject has. */
  sizeOf(subject: string): number {
    return this.#subjects.get(subject) ?? 0;
  }

  /** Counts a refused credential. Throws RATE_LIMITED when there were too many from the address. */
  countFailure(address: string): void {
    if (!this.#failures.take(address).allowed) {
      throw new AppError(
        'RATE_LIMITED',
        'Too many refused credentials came from this address; come back later.',
      );
    }
  }

  /** Takes in a socket that was just upgraded. */
  admit(ws: WebSocket, socket: Duplex, { actor, address, channels }: Newcomer): void {
    const { limits, now, log } = this.#needs;
    const about = { id: crypto.randomUUID(), address, actor, openedAt: now(), phase: Math.random() };
    const connection = new Connection(ws, socket, about, limits);
    const member = new Member(connection, this.#memberNeeds);
    this.#members.set(ws, member);
    this.#subjects.set(actor.id, this.sizeOf(actor.id) + 1);
    log.info({ connectionId: about.id, subject: actor.id, address }, 'A socket was opened.');
    this.#attach(ws);
    member.begin(channels);
  }

  /** Does what is due, once a second: liveness, expiry, and whether everyone may still hear what they follow. */
  beat(): void {
    const now = this.#needs.now();
    for (const { connection } of this.#members.values()) connection.beat(now);
    this.#beats += 1;
    if (this.#beats % 5 === 0) {
      this.#pages.sweep();
      this.#memberNeeds.commandBuckets.sweep();
      this.#memberNeeds.errorBuckets.sweep();
    }
    this.#checking ??= this.#checkRights()
      .catch((fault: unknown) => this.#memberNeeds.onFault(fault))
      .finally(() => {
        this.#checking = undefined;
      });
  }

  /** Takes nobody in any more and ends every connection, spread over a window, each told when to come back; `withinMs` bounds that window. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const { drainPerConnectionMs, drainMs } = this.#needs.limits;
    const window = Math.min(drainMs, withinMs, this.size * drainPerConnectionMs);
    await drain(
      [...this.#members.values()].map((member) => member.connection),
      window,
    );
  }

  status(): SocketStatus[] {
    return Array.from(this.#members.values(), ({ connection, subscriptions }) => ({
      connectionId: connection.id,
      subject: connection.actor.id,
      address: connection.address,
      openedAt: connection.openedAt,
      readyState: connection.readyState,
      channels: subscriptions.channels,
      waitingBytes: connection.waitingBytes,
    }));
  }

  #take(ws: WebSocket, data: RawData, isBinary: boolean): void {
    const member = this.#members.get(ws);
    if (!member?.connection.isOpen) return;
    if (isBinary) member.connection.end(closeCodes.malformed, 'Frames are text.');
    else member.take(data.toString());
  }

  #forget(ws: WebSocket, code: number): void {
    const member = this.#members.get(ws);
    if (member === undefined) return;
    const { id, actor } = member.connection;
    member.close();
    this.#members.delete(ws);
    const left = this.sizeOf(actor.id) - 1;
    if (left > 0) this.#subjects.set(actor.id, left);
    else this.#subjects.delete(actor.id);
    this.#needs.log.info({ connectionId: id, subject: actor.id, code }, 'A socket was closed.');
  }

  #holdFeed(stream: Stream): StreamFeed {
    const feed = this.#feeds.get(stream) ?? this.#follow(stream);
    feed.hold();
    return feed;
  }

  /** Follows a stream for as long as anybody uses its feed. */
  #follow(stream: Stream): StreamFeed {
    const feed = new StreamFeed(stream, this.#pages, () => {
      unsubscribe();
      this.#feeds.delete(stream);
    });
    const unsubscribe = this.#needs.bus.subscribe(stream, (records) => {
      for (const record of records) this.#publish(feed, record);
    });
    this.#feeds.set(stream, feed);
    return feed;
  }

  #publish(feed: StreamFeed, record: EventRecord): void {
    feed.publish(record);
    if (record.stream === 'workspace') this.#introduce(projectOfEvent(record.data));
  }

  /** Lets those who follow everything meet a project that they do not follow. */
  #introduce(projectId: string | null): void {
    if (projectId === null) return;
    for (const member of this.#members.values()) {
      if (member.followsAll && !member.subscriptions.has(`project:${projectId}`)) member.meet(projectId);
    }
  }

  async #checkRights(): Promise<void> {
    const members = [...this.#members.values()];
    const { store, now } = this.#needs;
    const known = members.filter(({ connection }) => connection.actor.tokenId !== undefined);
    if (known.length > 0) {
      await store.read(async (reader) => {
        for (const { connection } of known) {
          const refusal = await refusalOf(reader, connection.actor, now());
          if (refusal !== undefined) connection.end(closeCodes.tokenRevoked, refusal.slice(0, 120));
        }
      });
    }
    // What a bound agent hears changes with the tasks of its session; what others hear is in their token.
    for (const { connection, subscriptions } of members) {
      if (connection.actor.sessionId !== undefined && subscriptions.size > 0) await subscriptions.recheck();
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, StoreHealth, StreamActivity } from '../../../application/store/store.ts';
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Position } from '../../../domain/position.ts';
import type { Database } from '../connection/database.ts';
import { EventListeners } from './event-listeners.ts';
import { type CommittedRange, LogConnection, type StreamHead } from './log-connection.ts';
import { NotifyThrottle } from './notify-throttle.ts';
import { WakeSignal } from './wake-signal.ts';

const reconnectMs = 250;
const notifyIntervalMs = 20;
const batchDelayMs = 5;

/** The database has another history, in which the positions of clients mean other events; the process must end. */
class HistoryChangedError extends Error {
  constructor() {
    super('The database has another history now, as after a restore or a failover; start the server again.');
    this.name = 'HistoryChangedError';
  }
}

/**
 * Follows the event log on a connection of its own, and delivers what any process commits to the listeners of this
 * process. A notification only triggers a poll, which reads what was committed since the previous poll: so no event is
 * missed or delivered twice.
 */
export class EventFollower {
  readonly #database: Database;
  readonly #pollMs: number;
  readonly #listeners = new EventListeners();
  readonly #wakeSignal = new WakeSignal();
  readonly #notifyThrottle = new NotifyThrottle(() => this.#log?.notify(), notifyIntervalMs);
  #log: LogConnection | undefined;
  #health: StoreHealth = { status: 'ok' };
  #following: Promise<void> = Promise.resolve();
  #stopped = false;
  #seed = '';
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` is called when the history of the database has changed; nothing is delivered after that. */
  constructor(database: Database, pollMs: number, onFailure: (error: unknown) => void) {
    this.#database = database;
    this.#pollMs = pollMs;
    this.#onFailure = onFailure;
  }

  /** Starts with what is committed from now on. Throws NOT_READY when the database cannot be reached. */
  async start(): Promise<void> {
    this.#log = await this.#connect();
    this.#seed = this.#log.seed;
    for (const { stream, seq } of await this.#log.readHeads()) this.#listeners.markDelivered(stream, seq);
    this.#following = this.#follow();
  }

  /** As `Store.onCommit`. */
  listen(
    listener: (events: readonly EventRecord[]) => void,
    wants: (activity: StreamActivity) => boolean = () => true,
  ): () => void {
    return this.#listeners.listen(listener, wants);
  }

  /** Records a commit of this process, and notifies the other processes. */
  noteCommit(positions: ReadonlyMap<Stream, Position>): void {
    for (const [stream, { seq }] of positions) this.#listeners.noteHead(stream, seq);
    this.#wakeSignal.trigger();
    this.#notifyThrottle.request();
  }

  health(): StoreHealth {
    return this.#health;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeSignal.trigger();
    await this.#following;
    this.#notifyThrottle.stop();
    await this.#log?.close();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#poll();
        this.#health = { status: 'ok' };
        // Under load one poll then serves many commits; after an idle time it follows a commit at once.
        await sleep(batchDelayMs);
        await this.#wakeSignal.wait(this.#pollMs);
      } catch (error) {
        if (error instanceof HistoryChangedError) {
          this.#health = { status: 'failed', detail: error.message };
          this.#onFailure(error);
          return;
        }
        const reason = error instanceof Error ? ((error.cause as Error | undefined) ?? error).message : '';
        this.#health = { status: 'failed', detail: `The database cannot be reached: ${reason}` };
        await this.#log?.close();
        this.#log = undefined;
        await this.#wakeSignal.wait(reconnectMs);
      }
    }
  }

  async #poll(): Promise<void> {
    if (this.#log === undefined) {
      this.#log = await this.#connect();
      if (this.#log.seed !== this.#seed) throw new HistoryChangedError();
      return this.#deliver(this.#log, await this.#readHeads(this.#log));
    }
    const ranges = await this.#log.readCommittedRanges();
    const missed = ranges.some(({ stream, first }) => first > this.#listeners.deliveredSeq(stream) + 1);
    await this.#deliver(this.#log, missed ? await this.#readHeads(this.#log) : ranges);
  }

  /** The head of every stream. Throws HistoryChangedError when a stream is shorter than what was delivered of it. */
  async #readHeads(log: LogConnection): Promise<readonly StreamHead[]> {
    const heads = await log.readHeads();
    if (!this.#listeners.hasDeliveredBeyond(heads)) return heads;
    await log.endHistory();
    throw new HistoryChangedError();
  }

  /** Delivers the new events up to these heads; reads only the streams that a listener wants. */
  async #deliver(
    log: LogConnection,
    heads: readonly (StreamHead & Partial<CommittedRange>)[],
  ): Promise<void> {
    const undelivered = heads.filter(({ stream, seq }) => seq > this.#listeners.deliveredSeq(stream));
    // A listener that wants a stream from now on reads the earlier events from the log.
    const wanted = undelivered.filter(({ stream, names }) =>
      this.#listeners.hasListenerFor({ stream, names }),
    );
    const ranges = wanted.map(({ stream, seq }) => ({
      stream,
      seq,
      after: this.#listeners.deliveredSeq(stream),
    }));
    const events = ranges.length === 0 ? [] : await log.read(ranges);
    for (const { stream, seq } of undelivered) this.#listeners.markDelivered(stream, seq);
    this.#listeners.deliver(events);
  }

  async #connect(): Promise<LogConnection> {
    const wake = () => this.#wakeSignal.trigger();
    try {
      return await LogConnection.open(this.#database, wake, wake);
    } catch (error) {
      throw new AppError('NOT_READY', 'The database cannot be reached; try again.', undefined, error);
    }
  }
}

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

/** Why a process goes on no longer: where its clients are in the streams means something else by now. */
class HistoryChangedError extends Error {
  constructor() {
    super('The database has another history now, as behind a restore or a failover; start the server anew.');
    this.name = 'OtherHistory';
  }
}

/**
 * Follows the event log on a connection of its own and tells the listeners of this process what any process commits. A
 * notification only wakes it: what it tells is what was committed between two looks, so it misses and repeats nothing.
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
  readonly #onFailure: (fault: unknown) => void;

  /** `onFailure` hears when the database has another history than it had, so that nothing more is told. */
  constructor(database: Database, pollMs: number, onFailure: (fault: unknown) => void) {
    this.#database = database;
    this.#pollMs = pollMs;
    this.#onFailure = onFailure;
  }

  /** Begins with what is committed from now on. Throws when the database cannot be reached. */
  async start(): Promise<void> {
    this.#log = await this.#connect();
    this.#seed = this.#log.seed;
    for (const { stream, seq } of await this.#log.readHeads()) this.#listeners.markDelivered(stream, seq);
    this.#following = this.#follow();
  }

  /** As Store.onCommit. */
  listen(
    listener: (events: readonly EventRecord[]) => void,
    wants: (news: StreamActivity) => boolean = () => true,
  ): () => void {
    return this.#listeners.listen(listener, wants);
  }

  /** Notes a commit of this process, and that the others are to hear of it. */
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
        // Under load one look then serves many commits; after a quiet moment it comes at once.
        await sleep(batchDelayMs);
        await this.#wakeSignal.wait(this.#pollMs);
      } catch (fault) {
        if (fault instanceof HistoryChangedError) {
          this.#health = { status: 'failed', detail: fault.message };
          this.#onFailure(fault);
          return;
        }
        const reason = fault instanceof Error ? ((fault.cause as Error | undefined) ?? fault).message : '';
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
    const news = await this.#log.readCommittedRanges();
    const missed = news.some(({ stream, first }) => first > this.#listeners.deliveredSeq(stream) + 1);
    await this.#deliver(this.#log, missed ? await this.#readHeads(this.#log) : news);
  }

  /** How far every stream has come, missed events included; there is nothing to be learned from that on another history. */
  async #readHeads(log: LogConnection): Promise<readonly StreamHead[]> {
    const ends = await log.readHeads();
    if (!this.#listeners.hasDeliveredBeyond(ends)) return ends;
    await log.endHistory();
    throw new HistoryChangedError();
  }

  /** Tells what is new up to these ends and wanted, which is all that is read of it. */
  async #deliver(log: LogConnection, ends: readonly (StreamHead & Partial<CommittedRange>)[]): Promise<void> {
    const ahead = ends.filter(({ stream, seq }) => seq > this.#listeners.deliveredSeq(stream));
    // Whoever comes to want more of a stream from here on looks into the log, where all of this can be read.
    const wanted = ahead.filter(({ stream, names }) => this.#listeners.hasListenerFor({ stream, names }));
    const stretches = wanted.map(({ stream, seq }) => ({
      stream,
      seq,
      after: this.#listeners.deliveredSeq(stream),
    }));
    const events = stretches.length === 0 ? [] : await log.read(stretches);
    for (const { stream, seq } of ahead) this.#listeners.markDelivered(stream, seq);
    this.#listeners.deliver(events);
  }

  async #connect(): Promise<LogConnection> {
    const wake = () => this.#wakeSignal.trigger();
    try {
      return await LogConnection.open(this.#database, wake, wake);
    } catch (fault) {
      throw new AppError('NOT_READY', 'The database cannot be reached; try again.', undefined, fault);
    }
  }
}

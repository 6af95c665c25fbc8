import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, News, StoreHealth } from '../../../application/store/store.ts';
import type { Position, Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Database } from '../connection/database.ts';
import { EventAudience } from './event-listeners.ts';
import { LogConnection, type StreamEnd, type StreamNews } from './log-connection.ts';
import { Announcer } from './notify-debounce.ts';
import { WakeUp } from './wake-up.ts';

const reconnectMs = 250;
const announceMs = 20;
const restMs = 5;

/** Why a process goes on no longer: where its clients are in the streams means something else by now. */
class OtherHistory extends Error {
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
  readonly #audience = new EventAudience();
  readonly #wakeUp = new WakeUp();
  readonly #announcer = new Announcer(() => this.#log?.announce(), announceMs);
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
    for (const { stream, seq } of await this.#log.ends()) this.#audience.pass(stream, seq);
    this.#following = this.#follow();
  }

  /** As Store.onCommit. */
  listen(
    listener: (events: readonly EventRecord[]) => void,
    wants: (news: News) => boolean = () => true,
  ): () => void {
    return this.#audience.listen(listener, wants);
  }

  /** Notes a commit of this process, and that the others are to hear of it. */
  committed(positions: ReadonlyMap<Stream, Position>): void {
    for (const [stream, { seq }] of positions) this.#audience.know(stream, seq);
    this.#wakeUp.ring();
    this.#announcer.request();
  }

  health(): StoreHealth {
    return this.#health;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeUp.ring();
    await this.#following;
    this.#announcer.stop();
    await this.#log?.close();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#look();
        this.#health = { status: 'ok' };
        // Under load one look then serves many commits; after a quiet moment it comes at once.
        await sleep(restMs);
        await this.#wakeUp.sleep(this.#pollMs);
      } catch (fault) {
        if (fault instanceof OtherHistory) {
          this.#health = { status: 'failed', detail: fault.message };
          this.#onFailure(fault);
          return;
        }
        const reason = fault instanceof Error ? ((fault.cause as Error | undefined) ?? fault).message : '';
        this.#health = { status: 'failed', detail: `The database cannot be reached: ${reason}` };
        await this.#log?.close();
        this.#log = undefined;
        await this.#wakeUp.sleep(reconnectMs);
      }
    }
  }

  async #look(): Promise<void> {
    if (this.#log === undefined) {
      this.#log = await this.#connect();
      if (this.#log.seed !== this.#seed) throw new OtherHistory();
      return this.#hear(this.#log, await this.#ends(this.#log));
    }
    const news = await this.#log.news();
    const missed = news.some(({ stream, first }) => first > this.#audience.toldOf(stream) + 1);
    await this.#hear(this.#log, missed ? await this.#ends(this.#log) : news);
  }

  /** How far every stream has come, missed events included; there is nothing to be learned from that on another history. */
  async #ends(log: LogConnection): Promise<readonly StreamEnd[]> {
    const ends = await log.ends();
    if (!this.#audience.wasToldMore(ends)) return ends;
    await log.endHistory();
    throw new OtherHistory();
  }

  /** Tells what is new up to these ends and wanted, which is all that is read of it. */
  async #hear(log: LogConnection, ends: readonly (StreamEnd & Partial<StreamNews>)[]): Promise<void> {
    const ahead = ends.filter(({ stream, seq }) => seq > this.#audience.toldOf(stream));
    // Whoever comes to want more of a stream from here on looks into the log, where all of this can be read.
    const wanted = ahead.filter(({ stream, names }) => this.#audience.wants({ stream, names }));
    const stretches = wanted.map(({ stream, seq }) => ({
      stream,
      seq,
      after: this.#audience.toldOf(stream),
    }));
    const events = stretches.length === 0 ? [] : await log.read(stretches);
    for (const { stream, seq } of ahead) this.#audience.pass(stream, seq);
    this.#audience.tell(events);
  }

  async #connect(): Promise<LogConnection> {
    const wake = () => this.#wakeUp.ring();
    try {
      return await LogConnection.open(this.#database, wake, wake);
    } catch (fault) {
      throw new AppError('NOT_READY', 'The database cannot be reached; try again.', undefined, fault);
    }
  }
}

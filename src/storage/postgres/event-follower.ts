import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord, StoreHealth } from '../../application/store.ts';
import type { Position, Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { Announcer } from './announcer.ts';
import type { Database } from './database.ts';
import { EventAudience } from './event-audience.ts';
import { LogConnection, type StreamEnd } from './log-connection.ts';
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
    await this.#log.catchUp((ends) => {
      for (const { stream, seq } of ends) this.#audience.begin(stream, seq);
      return [];
    });
    this.#following = this.#follow();
  }

  /** As Store.onCommit. */
  listen(listener: (events: readonly EventRecord[]) => void): () => void {
    return this.#audience.listen(listener);
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
      return this.#catchUp(this.#log);
    }
    const events = await this.#log.next();
    const follows = new Map<Stream, number>();
    for (const { stream, seq } of events) {
      if (seq !== (follows.get(stream) ?? this.#audience.toldOf(stream)) + 1) return this.#catchUp(this.#log);
      follows.set(stream, seq);
    }
    this.#audience.tell(events);
  }

  async #catchUp(log: LogConnection): Promise<void> {
    let ends: readonly StreamEnd[] = [];
    const events = await log.catchUp((present) => {
      ends = present;
      return present.map(({ stream }) => ({ stream, seq: this.#audience.toldOf(stream) }));
    });
    if (this.#audience.wasToldMore(ends)) {
      await log.endHistory();
      throw new OtherHistory();
    }
    this.#audience.tell(events);
  }

  async #connect(): Promise<LogConnection> {
    const wake = () => this.#wakeUp.ring();
    try {
      return await LogConnection.open(this.#database.directClient(), wake, wake);
    } catch (fault) {
      throw new AppError('NOT_READY', 'The database cannot be reached; try again.', undefined, fault);
    }
  }
}

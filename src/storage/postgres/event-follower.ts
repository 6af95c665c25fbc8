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

  constructor(database: Database, pollMs: number) {
    this.#database = database;
    this.#pollMs = pollMs;
  }

  /** Begins with what is committed from now on. Throws when the database cannot be reached. */
  async start(): Promise<void> {
    this.#log = await this.#connect();
    await this.#log.catchUp((ends) => {
      for (const { stream, seq } of ends) this.#audience.moveTo(stream, seq);
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
    const toldOf = ({ stream, seq }: StreamEnd): StreamEnd => {
      // A database that was restored may end before what was told of it; it goes on from where it ends.
      if (seq < this.#audience.toldOf(stream)) this.#audience.moveTo(stream, seq);
      return { stream, seq: this.#audience.toldOf(stream) };
    };
    this.#audience.tell(await log.catchUp((ends) => ends.map(toldOf)));
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

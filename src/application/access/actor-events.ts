import { canSee } from '../../domain/access/access.ts';
import type { Position, Stream } from '../../domain/channel.ts';
import { projectOfEvent } from '../../domain/events.ts';
import type { EventReader, EventRecord } from '../store/store.ts';
import type { Door } from './visibility.ts';

/** A part of a stream as an actor sees it. */
export interface SeenEvents {
  readonly events: readonly EventRecord[];
  /** How far this reaches; what lies before it and is missing is not the actor's to see. */
  readonly through: number;
}

/** The committed events of each stream, as far as they exist for the actor. */
export class ActorEvents {
  readonly #door: Door;
  readonly #source: EventReader;

  constructor(door: Door, source: EventReader) {
    this.#door = door;
    this.#source = source;
  }

  /** As EventReader.head. Throws NOT_FOUND. */
  async head(stream: Stream): Promise<Position> {
    this.#enter(stream);
    return this.#source.head(stream);
  }

  /** Looks at up to `limit` events behind `after`, oldest first. Throws NOT_FOUND, POSITION_LOST. */
  async read(stream: Stream, after: number, limit: number): Promise<SeenEvents> {
    this.#enter(stream);
    const events = await this.#source.read(stream, after, limit);
    return {
      events: events.filter(({ data }) => canSee(this.#door.call.actor, projectOfEvent(data))),
      through: events.at(-1)?.seq ?? after,
    };
  }

  #enter(stream: Stream): void {
    if (stream !== 'workspace') this.#door.enter(stream.slice('project:'.length));
  }
}

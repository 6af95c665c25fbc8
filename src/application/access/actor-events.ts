import { canSeeProject } from '../../domain/access/access.ts';
import type { Stream } from '../../domain/channel.ts';
import { projectOfEvent } from '../../domain/events.ts';
import type { Position } from '../../domain/position.ts';
import type { EventReader, EventRecord } from '../store/store.ts';
import type { Visibility } from './visibility.ts';

/** A part of a stream as an actor sees it. */
export interface VisibleEvents {
  readonly events: readonly EventRecord[];
  /** How far this reaches; what lies before it and is missing is not the actor's to see. */
  readonly through: number;
}

/** The committed events of each stream, as far as they exist for the actor. */
export class ActorEvents {
  readonly #visibility: Visibility;
  readonly #source: EventReader;

  constructor(visibility: Visibility, source: EventReader) {
    this.#visibility = visibility;
    this.#source = source;
  }

  /** As EventReader.head. Throws NOT_FOUND. */
  async head(stream: Stream): Promise<Position> {
    this.#requireStream(stream);
    return this.#source.head(stream);
  }

  /** Reads up to `limit` events after `after`, oldest first. Throws NOT_FOUND, POSITION_LOST. */
  async read(stream: Stream, after: number, limit: number): Promise<VisibleEvents> {
    this.#requireStream(stream);
    const events = await this.#source.read(stream, after, limit);
    return {
      events: events.filter(({ data }) => canSeeProject(this.#visibility.call.actor, projectOfEvent(data))),
      through: events.at(-1)?.seq ?? after,
    };
  }

  #requireStream(stream: Stream): void {
    if (stream !== 'workspace') this.#visibility.requireProject(stream.slice('project:'.length));
  }
}

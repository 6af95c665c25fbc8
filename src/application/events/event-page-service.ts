import { streamOfProject } from '../../domain/channel.ts';
import { validationError } from '../../domain/errors.ts';
import { formatPosition, parsePosition } from '../../domain/position.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { channelFilterFor } from './channel-access.ts';
import type { EventBus } from './event-bus.ts';
import { channelsOfRecord, type EventEnvelope, envelopeOf } from './event-envelope.ts';
import { resumePosition } from './resume-position.ts';

/** What part of a project's log is wanted. */
export interface EventQuery {
  /** The position to go on from, `<epoch>:<seq>`; the head when it is left out. */
  readonly since?: string | undefined;
  /** At most so many events are looked at. */
  readonly limit: number;
  /** Seconds to wait for an event when there is none yet. */
  readonly wait: number;
}

/** A part of a project's log. */
export interface EventPage {
  readonly data: readonly EventEnvelope[];
  /** Where the next part continues when there is one by now, else null. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
  /** Where this part ends: `since` of the next request. */
  readonly position: string;
}

/** The log of committed events, for those without a socket. */
export class EventPageService {
  readonly #open: ActorStoreFactory;
  readonly #bus: EventBus;

  constructor(open: ActorStoreFactory, bus: EventBus) {
    this.#open = open;
    this.#bus = bus;
  }

  /** The events of a project after a position, waiting for one if there is none yet. Throws NOT_FOUND, POSITION_LOST. */
  async list(call: Call, projectId: string, { since, limit, wait }: EventQuery): Promise<EventPage> {
    const stream = streamOfProject(projectId);
    const until = performance.now() + wait * 1000;
    let page = await this.#page(call, projectId, since, limit);
    while (page.data.length === 0 && performance.now() < until && !call.signal?.aborted) {
      const watch = this.#bus.watch([stream], until - performance.now(), call.signal);
      try {
        // The watch begins before the read, so that nothing is committed between them unseen.
        page = await this.#page(call, projectId, page.position, limit);
        if (page.data.length === 0 && !page.hasMore) await watch.arrived;
      } finally {
        watch.cancel();
      }
    }
    return page;
  }

  #page(call: Call, projectId: string, since: string | undefined, limit: number): Promise<EventPage> {
    const stream = streamOfProject(projectId);
    const asked = since === undefined ? undefined : parsePosition(since);
    if (since !== undefined && asked === undefined)
      throw validationError('since', 'is a position, as in k3f9:812');
    return this.#open(call).read(async (reader) => {
      await reader.projects.require(projectId);
      const place = await resumePosition(reader.events, stream, asked);
      const head = await reader.events.head(stream);
      const hears = await channelFilterFor(reader, call.actor);
      const { events, through } = await reader.events.read(stream, place.seq, limit);
      const position = formatPosition({ epoch: place.epoch, seq: through });
      const hasMore = through < head.seq;
      return {
        data: events
          .filter((event) => hears(channelsOfRecord(event)))
          .map((event) => envelopeOf(event, place.epoch)),
        nextCursor: hasMore ? position : null,
        hasMore,
        position,
      };
    });
  }
}

import type { Channel, Stream } from '../../domain/channel.ts';
import { AppError, validationError } from '../../domain/errors.ts';
import { type Position, parsePositions } from '../../domain/position.ts';
import type { ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { hasExpired, rejectionReason } from '../access/credential-check.ts';
import { requireChannelStream } from './channel-access.ts';
import type { EventBus } from './event-bus.ts';
import { channelsOfRecord, type EventEnvelope, envelopeOf } from './event-envelope.ts';
import { resumePosition } from './resume-position.ts';

/** How often rights are looked at again, in milliseconds. */
const accessCheckIntervalMs = 1000;
const pageSize = 500;

/** What channels to follow, and from where. */
export interface FollowQuery {
  readonly channels: readonly Channel[];
  /** Where the client is in each stream, as X-Event-Position says it; the head where it is left out. */
  readonly since?: string | undefined;
}

/** Nothing, or one event, and where the client is in each stream after it. */
export interface FollowStep {
  readonly event: EventEnvelope | undefined;
  readonly positions: ReadonlyMap<Stream, Position>;
}

type FollowedStreams = ReadonlyMap<
  Stream,
  { readonly position: Position; readonly channels: ReadonlySet<Channel> }
>;

/** Follows channels by reading the log again whenever something is committed. */
export class EventFollowService {
  readonly #open: ActorStoreFactory;
  readonly #bus: EventBus;
  readonly #now: () => number;

  /** `now` gives epoch milliseconds. */
  constructor(open: ActorStoreFactory, bus: EventBus, now: () => number) {
    this.#open = open;
    this.#bus = bus;
    this.#now = now;
  }

  /**
   * Every event of the channels from now on, or after the position that the call or the query names; a step without an
   * event comes first, and at least every second. It ends with the call, the credential or the last of its channels.
   * Throws NOT_FOUND, POSITION_LOST and VALIDATION_ERROR before the first step, POSITION_LOST later for a client that
   * fell too far behind.
   */
  async follow(call: Call, { channels, since }: FollowQuery): Promise<AsyncIterable<FollowStep>> {
    const asked = since === undefined ? undefined : parsePositions(since);
    if (since !== undefined && asked === undefined) {
      throw validationError('since', 'is what X-Event-Position says, as in project:p1=k3f9:812');
    }
    const begun = new Map([...(asked ?? []), ...(call.since ?? [])]);
    const places = await this.#open(call).read((reader) => followedStreamsOf(reader, call, channels, begun));
    return this.#steps(call, places);
  }

  async *#steps(call: Call, begun: FollowedStreams): AsyncGenerator<FollowStep> {
    let places = begun;
    yield { event: undefined, positions: positionsOf(places) };
    while (places.size > 0 && !call.signal?.aborted) {
      const watch = this.#bus.watch(places.keys(), accessCheckIntervalMs, call.signal);
      try {
        const next = await this.#open(call).read((reader) => this.#next(reader, call, places));
        if (next === undefined) return;
        yield* next.steps;
        if (next.steps.length === 0) {
          yield { event: undefined, positions: positionsOf(next.places) };
          await watch.arrived;
        }
        places = next.places;
      } finally {
        watch.cancel();
      }
    }
  }

  /** What comes after the positions, and the positions after that; undefined when the credential is good no longer. */
  async #next(reader: ActorReader, call: Call, places: FollowedStreams) {
    const { actor } = call;
    if (hasExpired(actor, this.#now()) || (await rejectionReason(reader, actor, this.#now())))
      return undefined;
    const positions = positionsOf(places);
    const after = new Map(places);
    const steps: FollowStep[] = [];
    for (const [stream, { position, channels }] of places) {
      const { epoch, seq } = position;
      const { events, through } = await reader.events.read(stream, seq, pageSize);
      for (const record of events) {
        if (!channelsOfRecord(record).some((channel) => channels.has(channel))) continue;
        positions.set(stream, { epoch, seq: record.seq });
        steps.push({ event: envelopeOf(record, epoch), positions: new Map(positions) });
      }
      positions.set(stream, { epoch, seq: through });
      const left = await stillVisibleChannels(reader, call, channels);
      if (left.size === 0) after.delete(stream);
      else after.set(stream, { position: { epoch, seq: through }, channels: left });
    }
    return { steps, places: after };
  }
}

async function followedStreamsOf(
  reader: ActorReader,
  call: Call,
  channels: readonly Channel[],
  since: ReadonlyMap<Stream, Position>,
): Promise<FollowedStreams> {
  const places = new Map<Stream, { position: Position; channels: Set<Channel> }>();
  for (const channel of channels) {
    const stream = await requireChannelStream(reader, call.actor, channel);
    const place = places.get(stream) ?? {
      position: await resumePosition(reader.events, stream, since.get(stream)),
      channels: new Set(),
    };
    places.set(stream, place);
    place.channels.add(channel);
  }
  return places;
}

async function stillVisibleChannels(
  reader: ActorReader,
  call: Call,
  channels: ReadonlySet<Channel>,
): Promise<Set<Channel>> {
  const followed = new Set<Channel>();
  for (const channel of channels) {
    try {
      await requireChannelStream(reader, call.actor, channel);
      followed.add(channel);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error;
    }
  }
  return followed;
}

function positionsOf(places: FollowedStreams): Map<Stream, Position> {
  return new Map(Array.from(places, ([stream, { position }]) => [stream, position]));
}

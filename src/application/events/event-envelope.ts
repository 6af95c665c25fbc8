import { z } from 'zod';
import type { Channel, Stream } from '../../domain/channel.ts';
import { channelsOfEvent, type EventData, type EventName, eventNames } from '../../domain/events.ts';
import { formatPosition } from '../../domain/position.ts';
import type { EventRecord } from '../store/store.ts';

/** An event as clients get it, wherever they get it. */
export type EventEnvelope = {
  [Name in EventName]: {
    readonly type: Name;
    /** The same as `type`, for clients that read this. */
    readonly event: Name;
    readonly data: EventData<Name>;
    /** Epoch milliseconds. */
    readonly timestamp: number;
    readonly stream: Stream;
    /** Its place in the stream: follow from here. */
    readonly position: string;
    /** The channels of the stream that carry it. */
    readonly channels: readonly Channel[];
  };
}[EventName];

/** The envelope as the reference shows it. */
export const eventEnvelopeSchema = z
  .object({
    type: z.enum(eventNames),
    event: z.enum(eventNames).meta({ description: 'The same as type.' }),
    data: z.unknown().meta({ description: 'What the event carries; docs/events.md has it for each event.' }),
    timestamp: z.int().meta({ description: 'Epoch milliseconds.' }),
    stream: z.string().meta({ description: 'The log that it stands in.' }),
    position: z.string().meta({ description: 'Its place there: follow from here.' }),
    channels: z.array(z.string()).meta({ description: 'The channels of the stream that carry it.' }),
  })
  .meta({ id: 'Event', description: 'A committed event.' });

/** The channels of the record's own stream that carry it. */
export function channelsOfRecord({ stream, name, data }: EventRecord): readonly Channel[] {
  return channelsOfEvent(name, data).filter(
    (channel) => (channel === 'workspace') === (stream === 'workspace'),
  );
}

/** The record as clients get it; `epoch` is that of its stream. */
export function envelopeOf(record: EventRecord, epoch: string): EventEnvelope {
  const { name, data, timestamp, stream, seq } = record;
  // The name and the data came in together, as one event of the catalogue.
  return {
    type: name,
    event: name,
    data,
    timestamp,
    stream,
    position: formatPosition({ epoch, seq }),
    channels: channelsOfRecord(record),
  } as EventEnvelope;
}

import { channelsOfRecord, envelopeOf } from '../../application/events/event-envelope.ts';
import type { EventRecord } from '../../application/store/store.ts';
import type { Channel } from '../../domain/channel.ts';
import { endedBy, projectOfEvent } from '../../domain/events.ts';
import { frameBytes } from '../protocol/frame-bytes.ts';

/** A committed event on its way to sockets: encoded when the first one gets it, and once. */
export class EncodedEvent {
  readonly seq: number;
  readonly channels: readonly Channel[];
  /** The project that it is about, null when it is about the workspace. */
  readonly projectId: string | null;
  /** The channel that there is no more after it. */
  readonly ends: Channel | undefined;
  readonly #record: EventRecord;
  readonly #epoch: string;
  #frame: Buffer | undefined;

  constructor(record: EventRecord, epoch: string) {
    this.seq = record.seq;
    this.channels = channelsOfRecord(record);
    this.projectId = projectOfEvent(record.data);
    this.ends = endedBy(record.name, record.data);
    this.#record = record;
    this.#epoch = epoch;
  }

  get frame(): Buffer {
    this.#frame ??= frameBytes(JSON.stringify(envelopeOf(this.#record, this.#epoch)));
    return this.#frame;
  }
}

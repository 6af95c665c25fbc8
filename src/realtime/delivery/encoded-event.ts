import { channelsOfRecord, envelopeOf } from '../../application/events/event-envelope.ts';
import type { EventRecord } from '../../application/store/store.ts';
import type { Channel } from '../../domain/channel.ts';
import { channelEndedBy, projectOfEvent } from '../../domain/events.ts';
import { encodeTextFrame } from '../protocol/encode-text-frame.ts';

/** A committed event on its way to sockets: encoded once, when the first socket needs it. */
export class EncodedEvent {
  readonly seq: number;
  readonly channels: readonly Channel[];
  /** The project that it is about, null when it is about the workspace. */
  readonly projectId: string | null;
  /** The channel that ends with it. */
  readonly endedChannel: Channel | undefined;
  readonly #record: EventRecord;
  readonly #epoch: string;
  #frame: Buffer | undefined;

  constructor(record: EventRecord, epoch: string) {
    this.seq = record.seq;
    this.channels = channelsOfRecord(record);
    this.projectId = projectOfEvent(record.data);
    this.endedChannel = channelEndedBy(record.name, record.data);
    this.#record = record;
    this.#epoch = epoch;
  }

  get frame(): Buffer {
    this.#frame ??= encodeTextFrame(JSON.stringify(envelopeOf(this.#record, this.#epoch)));
    return this.#frame;
  }
}

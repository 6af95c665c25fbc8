import type { Channel } from '../../domain/channel.ts';
import type { EncodedEvent } from './encoded-event.ts';

/** One channel, and the event after which its subscription starts. */
export interface ChannelOffset {
  readonly channel: Channel;
  readonly since: number;
}

/**
 * A few channels with their offsets. A plain list, replaced when it changes: each stream of each connection has one,
 * nearly always with one channel, and a map would take as much memory as the rest of the connection.
 */
export type ChannelOffsets = readonly ChannelOffset[];

/** No channel. */
export const noChannelOffsets: ChannelOffsets = [];

/** Whether the channel is in the list. */
export function hasChannel(offsets: ChannelOffsets, channel: Channel): boolean {
  return offsets.some((one) => one.channel === channel);
}

/** The list without the channel. */
export function withoutChannel(offsets: ChannelOffsets, channel: Channel): ChannelOffsets {
  return hasChannel(offsets, channel) ? offsets.filter((one) => one.channel !== channel) : offsets;
}

/** Whether one of the channels of the event starts before it. */
export function startsBefore(offsets: ChannelOffsets, { seq, channels }: EncodedEvent): boolean {
  return offsets.some(({ channel, since }) => since < seq && channels.includes(channel));
}

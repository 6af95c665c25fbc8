import type { Channel } from '../../domain/channel.ts';
import type { EncodedEvent } from './encoded-event.ts';

/** One channel, and behind which event it begins. */
export interface ChannelOffset {
  readonly channel: Channel;
  readonly since: number;
}

/**
 * A few channels and their beginnings. A plain list, replaced when it changes: there is one for each stream of each
 * connection, nearly always of one channel, and a map would weigh as much as the rest of the connection.
 */
export type ChannelOffsets = readonly ChannelOffset[];

/** No channel. */
export const noChannelOffsets: ChannelOffsets = [];

/** Whether the channel is among them. */
export function hasChannel(beginnings: ChannelOffsets, channel: Channel): boolean {
  return beginnings.some((one) => one.channel === channel);
}

/** The others. */
export function withoutChannel(beginnings: ChannelOffsets, channel: Channel): ChannelOffsets {
  return hasChannel(beginnings, channel) ? beginnings.filter((one) => one.channel !== channel) : beginnings;
}

/** Whether one of the channels that carry the event began before it. */
export function startsBefore(beginnings: ChannelOffsets, { seq, channels }: EncodedEvent): boolean {
  return beginnings.some(({ channel, since }) => since < seq && channels.includes(channel));
}

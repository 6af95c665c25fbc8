import type { Channel } from '../../domain/channel.ts';
import type { EncodedEvent } from './encoded-event.ts';

/** One channel, and behind which event it begins. */
export interface Beginning {
  readonly channel: Channel;
  readonly since: number;
}

/**
 * A few channels and their beginnings. A plain list, replaced when it changes: there is one for each stream of each
 * connection, nearly always of one channel, and a map would weigh as much as the rest of the connection.
 */
export type Beginnings = readonly Beginning[];

/** No channel. */
export const noBeginnings: Beginnings = [];

/** Whether the channel is among them. */
export function hasChannel(beginnings: Beginnings, channel: Channel): boolean {
  return beginnings.some((one) => one.channel === channel);
}

/** The others. */
export function withoutChannel(beginnings: Beginnings, channel: Channel): Beginnings {
  return hasChannel(beginnings, channel) ? beginnings.filter((one) => one.channel !== channel) : beginnings;
}

/** Whether one of the channels that carry the event began before it. */
export function begunBefore(beginnings: Beginnings, { seq, channels }: EncodedEvent): boolean {
  return beginnings.some(({ channel, since }) => since < seq && channels.includes(channel));
}

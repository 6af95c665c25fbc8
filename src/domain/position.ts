import { parseStream, type Stream } from './channel.ts';

/** A place in a stream; positions compare only within one epoch. */
export interface Position {
  /** Random identity of the stream's history; a new one whenever committed events may have been lost. */
  readonly epoch: string;
  /** Number of the last event seen, 0 before the first. */
  readonly seq: number;
}

/** A position as clients carry it: `<epoch>:<seq>`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}`;
}

/** The position that `text` spells, undefined when it spells none. */
export function parsePosition(text: string): Position | undefined {
  const [, epoch, seq] = /^([A-Za-z0-9_-]{1,32}):(0|[1-9][0-9]{0,15})$/.exec(text) ?? [];
  return epoch === undefined || seq === undefined ? undefined : { epoch, seq: Number(seq) };
}

/** Places in several streams as clients carry them: `<stream>=<position>`, with commas between. */
export function formatPositions(positions: Iterable<readonly [Stream, Position]>): string {
  return Array.from(positions, ([stream, position]) => `${stream}=${formatPosition(position)}`).join(', ');
}

/** The places that `text` spells, undefined when it spells none. */
export function parsePositions(text: string): ReadonlyMap<Stream, Position> | undefined {
  const positions = new Map<Stream, Position>();
  for (const part of text.split(',')) {
    const [name = '', spelt = ''] = part.trim().split('=');
    const stream = parseStream(name);
    const position = parsePosition(spelt);
    if (stream === undefined || position === undefined) return undefined;
    positions.set(stream, position);
  }
  return positions;
}

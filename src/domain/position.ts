import { parseStream, type Stream } from './channel.ts';

/** A position in a stream; only positions of the same epoch can be compared. */
export interface Position {
  /** Random identity of the stream's history; it changes whenever committed events may have been lost. */
  readonly epoch: string;
  /** Sequence number of the last event seen; 0 before the first. */
  readonly seq: number;
}

/** Formats a position as clients see it: `<epoch>:<seq>`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}`;
}

/** Parses `<epoch>:<seq>`; undefined when the text is not a valid position. */
export function parsePosition(text: string): Position | undefined {
  const [, epoch, seq] = /^([A-Za-z0-9_-]{1,32}):(0|[1-9][0-9]{0,15})$/.exec(text) ?? [];
  return epoch === undefined || seq === undefined ? undefined : { epoch, seq: Number(seq) };
}

/** Formats positions in several streams as clients see them: `<stream>=<position>`, separated by commas. */
export function formatPositions(positions: Iterable<readonly [Stream, Position]>): string {
  return Array.from(positions, ([stream, position]) => `${stream}=${formatPosition(position)}`).join(', ');
}

/** Parses `<stream>=<position>` entries separated by commas; undefined when any of them is not valid. */
export function parsePositions(text: string): ReadonlyMap<Stream, Position> | undefined {
  const positions = new Map<Stream, Position>();
  for (const part of text.split(',')) {
    const [name = '', positionText = ''] = part.trim().split('=');
    const stream = parseStream(name);
    const position = parsePosition(positionText);
    if (stream === undefined || position === undefined) return undefined;
    positions.set(stream, position);
  }
  return positions;
}

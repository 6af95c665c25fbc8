import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { formatPosition, type Position } from '../../domain/position.ts';
import type { ActorEvents } from '../access/actor-events.ts';

/**
 * Where following a stream begins: after `since`, or at the head without it. Throws POSITION_LOST, with the head, for
 * a position of another epoch, one that is still to come, and one whose next event is kept no longer.
 */
export async function resumePosition(
  events: ActorEvents,
  stream: Stream,
  since: Position | undefined,
): Promise<Position> {
  const head = await events.head(stream);
  if (since === undefined) return head;
  assertResumable(stream, since, head);
  if (since.seq < head.seq)
    await events.read(stream, since.seq, 1).catch(withStreamHead(stream, since, head));
  return since;
}

/** Throws POSITION_LOST unless `since` is a position of the stream that ends at `head`. */
export function assertResumable(stream: Stream, since: Position, head: Position): void {
  if (since.epoch !== head.epoch || since.seq > head.seq) throw positionLostError(stream, since, head);
}

/** Makes the handler of a failed read that tells a client which position it lost and where the stream stands. */
export function withStreamHead(stream: Stream, since: Position, head: Position): (error: unknown) => never {
  return (error) => {
    throw error instanceof AppError && error.code === 'POSITION_LOST'
      ? positionLostError(stream, since, head)
      : error;
  };
}

function positionLostError(stream: Stream, since: Position, head: Position): AppError {
  return new AppError(
    'POSITION_LOST',
    `The events of ${stream} after ${formatPosition(since)} are no longer kept: read the state again, then follow from where it stands.`,
    { stream, head: formatPosition(head) },
  );
}

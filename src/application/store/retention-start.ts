import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';

/** A reader of events, whatever it makes of them. */
interface EventRangeReader {
  read(stream: Stream, after: number, limit: number): Promise<unknown>;
}

/** The position after which all events of a stream are kept up to `head`: the smallest that is not lost. */
export async function findRetentionStart(
  reader: EventRangeReader,
  stream: Stream,
  head: number,
): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isRetained(reader, stream, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function isRetained(reader: EventRangeReader, stream: Stream, after: number): Promise<boolean> {
  try {
    await reader.read(stream, after, 1);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'POSITION_LOST') return false;
    throw error;
  }
}

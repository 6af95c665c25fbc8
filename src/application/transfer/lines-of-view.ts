import { AppError } from '../../domain/errors.ts';
import type { ActorReader, ActorStore } from '../access/actor-store.ts';
import { callbackToGenerator } from './callback-to-generator.ts';

/** Lines are handed over together, as each time costs a turn of everything. */
const chunkLength = 64 * 1024;

/**
 * Lines of JSON that `linesOf` makes of one view of everything, some at a time and no faster than they are taken, whatever
 * is committed meanwhile. The last says how many there are. Throws CONFLICT in the middle when the view was lost.
 */
export function linesOfView(
  store: ActorStore,
  linesOf: (reader: ActorReader) => AsyncIterable<object>,
): AsyncIterable<string> {
  let begun = false;
  return callbackToGenerator((hand) =>
    store.read(async (reader) => {
      if (begun) throw viewLostError();
      begun = true;
      for await (const chunk of chunksOf(linesOf(reader))) await hand(chunk);
    }),
  );
}

async function* chunksOf(lines: AsyncIterable<object>): AsyncGenerator<string> {
  let chunk = '';
  let count = 1;
  for await (const line of lines) {
    chunk += `${JSON.stringify(line)}\n`;
    count += 1;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}${JSON.stringify({ end: true, lines: count })}\n`;
}

function viewLostError(): AppError {
  return new AppError('CONFLICT', 'Something was taken away while it was read; begin again.');
}

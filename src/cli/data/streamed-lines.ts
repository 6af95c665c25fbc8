import { CommandError } from '../command/command.ts';
import type { ServerClient } from '../server/server-client.ts';

/** How often a stream is read from its beginning because the server ended it too soon. */
const maxAttempts = 5;

class IncompleteStreamError extends CommandError {}

/** An operation that streams lines, the last of which says how many there are. */
type StreamOperation = 'GET /api/backup' | 'GET /api/export/stream';

/**
 * Gives the lines that the server streams to `write`, and returns how many there are; begins again when the
 * stream ends too soon, at most five times. Throws CommandError, and what `write` throws.
 */
export async function readStreamedLines(
  server: ServerClient,
  operation: StreamOperation,
  write: (bytes: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const seen = { lines: 0 };
    try {
      await write(readToEnd(server, operation, seen));
      return seen.lines;
    } catch (error) {
      if (!(error instanceof IncompleteStreamError) || attempt === maxAttempts) throw error;
    }
  }
}

/** The bytes of the stream. Throws IncompleteStreamError when it ends before the line that says how many there are. */
async function* readToEnd(
  server: ServerClient,
  operation: StreamOperation,
  seen: { lines: number },
): AsyncGenerator<Uint8Array> {
  const stream = await server.request(operation);
  let last: Uint8Array = new Uint8Array();
  try {
    for await (const part of stream) {
      for (let at = part.indexOf(newline); at >= 0; at = part.indexOf(newline, at + 1)) seen.lines += 1;
      last = Buffer.concat([last, part]).subarray(-maxEndLineBytes);
      yield part;
    }
  } catch (error) {
    throw incompleteStreamError(error);
  }
  const end = /\{"end":true,"lines":([0-9]+)\}\n$/.exec(Buffer.from(last).toString('latin1'));
  if (Number(end?.[1]) !== seen.lines) throw incompleteStreamError();
}

const newline = 0x0a;
const maxEndLineBytes = 64;

function incompleteStreamError(cause?: unknown): IncompleteStreamError {
  return new IncompleteStreamError(
    'The server ended before everything was written, and no file was made; see its log, and try again.',
    cause,
  );
}

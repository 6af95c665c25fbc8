import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CommandError } from '../command/command.ts';

/** The line that ends a sealed file: the SHA-256 of everything before it. */
const checksumLineLength = '{"sha256":""}\n'.length + 64;

const formatChecksumLine = (hash: Hash) => `{"sha256":"${hash.digest('hex')}"}\n`;

/** Whether a line is a seal. */
export function isChecksumLine(line: string): boolean {
  return line.startsWith('{"sha256":');
}

/** The parts, and then the line with their checksum. */
export async function* withChecksum(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const part of parts) {
    hash.update(part);
    yield part;
  }
  yield Buffer.from(formatChecksumLine(hash));
}

/** Reads the parts of the file once to see that its seal is right. Throws CommandError when not: it is damaged, or none. */
export async function assertChecksum(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256');
  let tail: Uint8Array = new Uint8Array();
  for await (const part of parts) {
    const bytes = Buffer.concat([tail, part]);
    const end = Math.max(0, bytes.length - checksumLineLength);
    hash.update(bytes.subarray(0, end));
    tail = bytes.subarray(end);
  }
  if (Buffer.from(tail).toString('latin1') === formatChecksumLine(hash)) return;
  throw new CommandError(
    `${path} is damaged, or no backup: it does not end with the checksum of what is in it.`,
  );
}

/** The bytes of the file. Throws CommandError when it cannot be read. */
export async function* readFileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
  } catch (error) {
    throw new CommandError(
      `${path} cannot be read: ${error instanceof Error ? error.message : error}`,
      error,
    );
  }
}

import { crc32 } from 'node:zlib';

const headLength = 9;
const newline = 0x0a;

/** A line of the journal: the CRC32 of the JSON as 8 hexadecimal digits, a space, the JSON, a line feed. */
export function encodeLine(json: string): Uint8Array {
  const line = Buffer.allocUnsafe(headLength + Buffer.byteLength(json) + 1);
  line.write(json, headLength);
  line.write(`${checksum(line.subarray(headLength, -1))} `, 'latin1');
  line[line.length - 1] = newline;
  return line;
}

/** The value of a line without its line feed; undefined when it is damaged. */
export function decodeLine(line: Uint8Array): unknown {
  if (!hasValidChecksum(line)) return undefined;
  try {
    return JSON.parse(extractJson(line).toString());
  } catch {
    return undefined;
  }
}

/** Whether a line without its line feed is as it was written. */
export function hasValidChecksum(line: Uint8Array): boolean {
  const bytes = toBuffer(line);
  if (
    bytes.length <= headLength ||
    bytes.toString('latin1', 0, headLength) !== `${checksum(bytes.subarray(headLength))} `
  ) {
    return false;
  }
  return true;
}

/** The JSON of a line that is whole. */
export function extractJson(line: Uint8Array): Buffer {
  return toBuffer(line).subarray(headLength);
}

function toBuffer(line: Uint8Array): Buffer {
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength);
}

/** Whether another line begins inside of what is taken for one, as its line feed is gone; no JSON says such a thing. */
export function containsLineStart(line: Uint8Array): boolean {
  return toBuffer(line).indexOf(' {"txs":[', headLength) !== -1;
}

/** The lines of a file without their line feeds; what follows the last line feed comes too, as a torn line. */
export function* splitLines(
  bytes: Uint8Array,
): Generator<{ readonly line: Uint8Array; readonly torn: boolean }> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    if (end === -1) {
      yield { line: bytes.subarray(start), torn: true };
      return;
    }
    yield { line: bytes.subarray(start, end), torn: false };
    start = end + 1;
  }
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

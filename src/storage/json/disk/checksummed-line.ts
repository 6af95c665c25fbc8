import { crc32 } from 'node:zlib';

const head = 9;
const newline = 0x0a;

/** A line of the journal: the CRC32 of the JSON as 8 hexadecimal digits, a space, the JSON, a line feed. */
export function encodeLine(json: string): Uint8Array {
  const line = Buffer.allocUnsafe(head + Buffer.byteLength(json) + 1);
  line.write(json, head);
  line.write(`${checksum(line.subarray(head, -1))} `, 'latin1');
  line[line.length - 1] = newline;
  return line;
}

/** The value of a line without its line feed; undefined when it is damaged. */
export function decodeLine(line: Uint8Array): unknown {
  if (!isWhole(line)) return undefined;
  try {
    return JSON.parse(jsonOfLine(line).toString());
  } catch {
    return undefined;
  }
}

/** Whether a line without its line feed is as it was written. */
export function isWhole(line: Uint8Array): boolean {
  const bytes = bufferOf(line);
  if (bytes.length <= head || bytes.toString('latin1', 0, head) !== `${checksum(bytes.subarray(head))} `) {
    return false;
  }
  return true;
}

/** The JSON of a line that is whole. */
export function jsonOfLine(line: Uint8Array): Buffer {
  return bufferOf(line).subarray(head);
}

function bufferOf(line: Uint8Array): Buffer {
  return Buffer.from(line.buffer, line.byteOffset, line.byteLength);
}

/** Whether another line begins inside of what is taken for one, as its line feed is gone; no JSON says such a thing. */
export function holdsAnother(line: Uint8Array): boolean {
  return bufferOf(line).indexOf(' {"txs":[', head) !== -1;
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

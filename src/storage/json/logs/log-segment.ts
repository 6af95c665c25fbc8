import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { splitLines } from '../disk/checksummed-line.ts';
import type { FileSystem } from '../disk/file-system.ts';

/** A file of a log, as the checkpoint describes it; what lies in it behind `bytes` was never committed. */
export const logSegmentSchema = z.object({
  name: z.string().regex(/^[0-9]{8,}-[0-9]{8,}\.ndjson$/),
  /** The number of its first line in the log, and how many lines and bytes there are. */
  first: z.int().min(1),
  count: z.int().min(0),
  bytes: z.int().min(0),
  /** The CRC32 of those bytes; what was written before this was noted has none. */
  crc: z.int().min(0).optional(),
  /** Where some of its lines begin: pairs of a line's number and its offset. */
  marks: z.array(z.int().min(0)).readonly(),
  /** When the newest line was committed, in epoch milliseconds. */
  newest: z.number(),
});

export type LogSegment = Readonly<z.infer<typeof logSegmentSchema>>;

/** Lines are marked when they begin so many bytes behind the mark before: a line is found by reading no more. */
const markBytes = 64 * 1024;

/** A file of a log is not there any more. */
export class FileGoneError extends Error {}

/** The number of the last line in the segment. */
export function lastLineNumber(segment: LogSegment): number {
  return segment.first + segment.count - 1;
}

/** The segment with these lines, each with its line feed, at its end. */
export function extendSegment(segment: LogSegment, lines: readonly Uint8Array[], newest: number): LogSegment {
  const marks = [...segment.marks];
  let { bytes, crc } = segment;
  let n = segment.first + segment.count;
  for (const line of lines) {
    if (bytes - (marks.at(-1) ?? 0) >= markBytes) marks.push(n, bytes);
    bytes += line.length;
    if (crc !== undefined) crc = crc32(line, crc);
    n++;
  }
  const sum = crc === undefined ? {} : { crc };
  return { ...segment, count: segment.count + lines.length, bytes, ...sum, marks, newest };
}

/** The texts of the lines from number `from` to number `to`, both of which are in the segment. Throws when it is damaged. */
export async function readSegment(
  files: FileSystem,
  path: string,
  segment: LogSegment,
  from: number,
  to: number,
): Promise<string[]> {
  const places = [segment.first, 0, ...segment.marks];
  let [n, start] = [segment.first, 0];
  let end = segment.bytes;
  for (let i = 0; i < places.length; i += 2) {
    const [marked, offset] = [places[i] ?? 0, places[i + 1] ?? 0];
    if (marked <= from) [n, start] = [marked, offset];
    if (marked > to) {
      end = offset;
      break;
    }
  }
  const bytes = await readRange(files, path, start, end - start);
  const texts: string[] = [];
  for (const { line, torn } of splitLines(bytes)) {
    if (!torn && n >= from && n <= to)
      texts.push(Buffer.from(line.buffer, line.byteOffset, line.length).toString());
    n++;
  }
  if (texts.length !== to - from + 1)
    throw new Error(`${path} ends before its line ${to - segment.first + 1}.`);
  return texts;
}

async function readRange(
  files: FileSystem,
  path: string,
  start: number,
  length: number,
): Promise<Uint8Array> {
  try {
    return await files.readRange(path, start, length);
  } catch (error) {
    if (files.stat(path) === undefined) throw new FileGoneError(`${path} is gone.`, { cause: error });
    throw error;
  }
}

/** Whether the bytes of a segment are those that were written; read in parts, as there may be many. */
export async function isSegmentIntact(
  files: FileSystem,
  path: string,
  { bytes, crc }: LogSegment,
): Promise<boolean> {
  if (crc === undefined) return true;
  let sum = 0;
  for (let start = 0; start < bytes; start += checksumChunkBytes) {
    sum = crc32(await files.readRange(path, start, Math.min(checksumChunkBytes, bytes - start)), sum);
  }
  return sum === crc;
}

const checksumChunkBytes = 1024 * 1024;

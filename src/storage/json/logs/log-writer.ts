import type { OwnedFolder } from '../folder/owned-folder.ts';
import { segmentName } from '../folder/store-layout.ts';
import type { LogFile } from './log-file.ts';
import { extendSegment, type LogSegment } from './log-segment.ts';

const segmentBytes = 4 * 1024 * 1024;

/**
 * Writes the lines of a log up to number `last` into segments of this term, and syncs them. A segment of an earlier term
 * is never appended to, nor is one at which something failed: what lies in it behind its known end stays unseen.
 */
export async function writeLog(folder: OwnedFolder, log: LogFile, last: number): Promise<void> {
  while (log.written < last) {
    const current = log.segments.at(-1);
    const continues =
      current !== undefined &&
      current.name === segmentName(folder.term, log.segmentNumber) &&
      current.bytes < segmentBytes;
    const segment = continues ? current : beginSegment(folder, log);
    const lines: Uint8Array[] = [];
    let bytes = segment.bytes;
    let newest = segment.newest;
    for (const line of log.pendingUpTo(last)) {
      if (bytes >= segmentBytes) break;
      const encoded = Buffer.from(`${line.text}\n`);
      lines.push(encoded);
      bytes += encoded.length;
      newest = line.committedAt;
    }
    const path = `${log.folder}/${segment.name}`;
    try {
      const file = continues ? await folder.openForAppend(path) : await folder.create(path);
      try {
        await file.append(Buffer.concat(lines));
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      log.beginSegment();
      throw error;
    }
    const kept = continues ? log.segments.slice(0, -1) : log.segments;
    log.markWritten([...kept, extendSegment(segment, lines, newest)], lines.length);
  }
}

function beginSegment(folder: OwnedFolder, log: LogFile): LogSegment {
  const name = segmentName(folder.term, log.beginSegment());
  return { name, first: log.written + 1, count: 0, bytes: 0, crc: 0, marks: [], newest: 0 };
}

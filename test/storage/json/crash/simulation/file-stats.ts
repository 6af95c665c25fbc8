import { crc32 } from 'node:zlib';
import { SimulatedFile, type SimulatedNode } from './simulated-disk.ts';

/** What a look at a file or folder shows of it. */
export interface FileStat {
  readonly bytes: number;
  readonly touchedAt: number;
  readonly isFolder: boolean;
}

/** What a look at a node shows: whatever became something else was touched at another time. */
export function statOf(node: SimulatedNode): FileStat {
  if (node instanceof SimulatedFile) {
    return { bytes: node.bytes.length, touchedAt: crc32(node.bytes), isFolder: false };
  }
  return { bytes: 0, touchedAt: crc32([...node.entries.keys()].sort().join('/')), isFolder: true };
}

/** The same for many, as numbers one after the other. */
export function flattenStats(imprints: readonly (FileStat | undefined)[]): Float64Array {
  return Float64Array.from(imprints.flatMap((one) => [one?.bytes ?? -1, one?.touchedAt ?? -1]));
}

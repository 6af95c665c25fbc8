import { z } from 'zod';
import type { LogFile } from '../logs/log-file.ts';
import { logSegmentSchema } from '../logs/log-segment.ts';

const checkpointRecordSchema = z.object({
  /** The newest transaction whose changes are all in the files. */
  tx: z.int().min(0),
  term: z.int().min(1),
  epoch: z.string().min(1),
  /** The first segment of the journal that may hold later transactions; null when there are none. */
  journal: z.string().nullable(),
  /** The sum of all entities then; undefined in what was written before there was one. */
  sum: z.int().min(0).optional(),
  /** Each log by its folder: how many lines there ever were, and the segments with those that are kept. */
  logs: z.record(z.string(), z.object({ last: z.int().min(0), segments: z.array(logSegmentSchema) })),
});

/** How far the files reach, and which part of them counts: the content of checkpoint.json. */
export type CheckpointRecord = Readonly<z.infer<typeof checkpointRecordSchema>>;

/** The note that a text says. Throws when it is none. */
export function parseCheckpointRecord(text: string): CheckpointRecord {
  return checkpointRecordSchema.parse(JSON.parse(text));
}

/** The part of a note that tells of one log. */
export function encodeLogSummary({ written, segments }: LogFile): string {
  return JSON.stringify({ last: written, segments });
}

/** The text of a note, in which `logs` are the parts that tell of logs, by their folders. One log takes one line. */
export function encodeCheckpointRecord(
  { tx, term, epoch, journal, sum }: Omit<CheckpointRecord, 'logs'>,
  logs: ReadonlyMap<string, string>,
): string {
  const head = JSON.stringify({ tx, term, epoch, journal, sum }).slice(0, -1);
  const lines = [...logs].map(([folder, part]) => `\n${JSON.stringify(folder)}:${part}`);
  return `${head},"logs":{${lines.join(',')}}}\n`;
}

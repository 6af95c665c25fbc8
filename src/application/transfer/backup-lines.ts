import { z } from 'zod';
import { type EventName, eventNames } from '../../domain/events.ts';
import { instantSchema } from '../../domain/values/field-schemas.ts';
import { collections, type EntityOf, type Kind, kinds } from '../store/collections.ts';
import type { EventRecord } from '../store/store.ts';
import { assertLine, LineError, parseLineObject } from './line-object.ts';
import { checkWorkspaceLine, type WorkspaceLine } from './workspace-lines.ts';

/** The kinds that a backup holds: all but what is of use for a while only. */
export const backupKinds: readonly Kind[] = kinds.filter((kind) => collections[kind].lifetime === undefined);

/** The first line of every backup. */
export const backupHeader = { format: 'maestro-backup', version: 1 } as const;

/** Where a stream ended, and the position after which all its events are kept. */
const streamSchema = z.strictObject({
  stream: z.string().regex(/^(workspace|project:[A-Za-z0-9_-]{1,128})$/),
  head: z.int().min(0),
  after: z.int().min(0),
});

const eventSchema = z.strictObject({
  stream: streamSchema.shape.stream,
  seq: z.int().min(1),
  name: z.enum(eventNames as [EventName, ...EventName[]]),
  data: z.looseObject({}),
  timestamp: instantSchema,
  actor: z.string(),
});

const tokenLineSchema = z.strictObject({
  kind: z.literal('tokens'),
  entity: collections.tokens.schema.strict(),
});
const endSchema = z.strictObject({ end: z.literal(true), lines: z.int().min(1) });
const headerSchema = z.strictObject({
  format: z.literal(backupHeader.format, 'this is not a backup'),
  version: z.literal(
    backupHeader.version,
    'this is the backup of another version, which this one cannot read',
  ),
});

type StreamLine = z.infer<typeof streamSchema>;

/** One line of a backup: streams, each with its events, come before entities, each with its logs. */
export type BackupLine =
  | typeof backupHeader
  | StreamLine
  | EventRecord
  | Extract<WorkspaceLine, { readonly kind: unknown } | { readonly log: unknown }>
  | { readonly kind: 'tokens'; readonly entity: EntityOf<'tokens'> }
  | { readonly end: true; readonly lines: number };

/** The line of a backup that a text holds; `isFirst` is whether it has to be the header. Throws LineError. */
export function parseBackupLine(text: string, isFirst: boolean): BackupLine {
  const value = parseLineObject(text);
  const schema = isFirst ? headerSchema : schemaOf(value);
  // The rest of the lines are the same as in an export.
  if (schema === undefined) return checkWorkspaceLine(value) as BackupLine;
  assertLine(schema, value);
  return value as BackupLine;
}

function schemaOf(value: object): z.ZodType | undefined {
  if ('seq' in value) return eventSchema;
  if ('stream' in value) return streamSchema;
  if ('end' in value) return endSchema;
  if ('format' in value) throw new LineError('a backup begins here, in the middle of another');
  return 'kind' in value && value.kind === 'tokens' ? tokenLineSchema : undefined;
}

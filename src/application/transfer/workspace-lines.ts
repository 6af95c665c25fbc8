import { z } from 'zod';
import { idSchema } from '../../domain/values/id.ts';
import {
  collections,
  type EntityOf,
  type Kind,
  kinds,
  type LogEntryOf,
  type LogKind,
  logKinds,
  logs,
} from '../store/collections.ts';
import { assertLine, LineError, parseLineJson, parseLineObject } from './line-object.ts';

/** Every kind that an export holds, in its order: neither credentials, nor what is of use for a while only. */
export const exportedKinds: readonly Kind[] = kinds.filter(
  (kind) => kind !== 'tokens' && collections[kind].lifetime === undefined,
);

/** The first line of every export. */
export const exportHeader = { format: 'maestro-server', version: 1 } as const;

interface EntityLine<K extends Kind> {
  readonly kind: K;
  readonly entity: EntityOf<K>;
}

interface LogLine<L extends LogKind> {
  readonly log: L;
  readonly of: string;
  readonly projectId: string;
  readonly n: number;
  readonly entry: LogEntryOf<L>;
}

/** One line of an export: the header, an entity, an entry of a log, or the end with the number of all lines. */
export type WorkspaceLine =
  | typeof exportHeader
  | { readonly [K in Kind]: EntityLine<K> }[Kind]
  | { readonly [L in LogKind]: LogLine<L> }[LogKind]
  | { readonly end: true; readonly lines: number };

/** The line of an entity. */
export function entityLine<K extends Kind>(kind: K, entity: EntityOf<K>): WorkspaceLine {
  // The lines are a union over the kinds, which the compiler cannot choose from inside generic code.
  return { kind, entity } as WorkspaceLine;
}

/** Whether the text is the first line of an export, of whichever version. */
export function isExportHeader(text: string): boolean {
  return z.looseObject({ format: z.literal(exportHeader.format) }).safeParse(parseLineJson(text)).success;
}

/** The line of an export that a text holds. Throws LineError. */
export function parseWorkspaceLine(text: string): WorkspaceLine {
  return checkWorkspaceLine(parseLineObject(text));
}

/** The object as a line of an export. Throws LineError. */
export function checkWorkspaceLine(value: object): WorkspaceLine {
  if ('kind' in value) assertLine(entityLineSchema(value.kind), value);
  else if ('log' in value) assertLine(logLineSchema(value.log), value);
  else assertLine('end' in value ? endSchema : headerSchema, value);
  // As it was written, and not as its schema would write it: what was exported comes back to the letter.
  return value as WorkspaceLine;
}

const endSchema = z.strictObject({ end: z.literal(true), lines: z.int().min(1) });
const headerSchema = z.strictObject({
  format: z.literal(exportHeader.format),
  version: z.literal(
    exportHeader.version,
    'this is the export of another version, which this one cannot read',
  ),
});

const entityLineSchemas = new Map<unknown, z.ZodType>(
  exportedKinds.map((kind) => [
    kind,
    z.strictObject({ kind: z.literal(kind), entity: collections[kind].schema.strict() }),
  ]),
);

const logLineSchemas = new Map<unknown, z.ZodType>(
  logKinds.map((log) => [
    log,
    z.strictObject({
      log: z.literal(log),
      of: idSchema,
      projectId: idSchema,
      n: z.int().min(1),
      entry: logs[log].entry.strict(),
    }),
  ]),
);

function entityLineSchema(kind: unknown): z.ZodType {
  const schema = entityLineSchemas.get(kind);
  if (schema === undefined) throw new LineError(`there is no kind ${JSON.stringify(kind)} in an export`);
  return schema;
}

function logLineSchema(log: unknown): z.ZodType {
  const schema = logLineSchemas.get(log);
  if (schema === undefined) throw new LineError(`there is no log ${JSON.stringify(log)} in an export`);
  return schema;
}

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

/** Whether the text is the first line of an export, of whichever version. */
export function isExportHeader(text: string): boolean {
  return z.looseObject({ format: z.literal(exportHeader.format) }).safeParse(parseJson(text)).success;
}

/** The line that the text spells. Throws a LineFault that says what is wrong with it. */
export function parseWorkspaceLine(text: string): WorkspaceLine {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null)
    throw new LineError('it is no JSON object, or not a whole one');
  if ('kind' in value) assertSchema(entityLineSchema(value.kind), value);
  else if ('log' in value) assertSchema(logLineSchema(value.log), value);
  else assertSchema('end' in value ? endSchema : headerSchema, value);
  // As it was written, and not as its schema would write it: what was exported comes back to the letter.
  return value as WorkspaceLine;
}

/** What is wrong with one line of an export. */
export class LineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LineFault';
  }
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new SyntaxError('no object may have this key');
      return value;
    });
  } catch {
    return undefined;
  }
}

function assertSchema(schema: z.ZodType, value: unknown): void {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return;
  throw new LineError(`${issue.path.join('.') || 'it'}: ${issue.message}`);
}

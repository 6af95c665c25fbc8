import { z } from 'zod';
import { findTextFault } from '../domain/values/text.ts';
import { unwrapSchema } from './unwrap-schema.ts';

/** What is wrong with one text of a value, `path` as in `items.0.title`. */
interface TextIssue {
  readonly path: string;
  readonly message: string;
}

const rawTexts = z.registry();

/** The schema of a text that is taken as it is, such as the content of a file, control characters included. */
export function rawText<Schema extends z.ZodString>(schema: Schema): Schema {
  rawTexts.add(schema);
  return schema;
}

/**
 * What is wrong with the texts that a schema names in a value, which fits the schema. Requests are checked so, and what is
 * stored is not: texts that are there already can still be read, however they came.
 */
export function findTextIssues(schema: z.core.$ZodType, value: unknown, path = ''): TextIssue[] {
  const bare = unwrapSchema(schema);
  if (typeof value === 'string') {
    const message = isText(bare) ? findTextFault(value) : undefined;
    return message === undefined ? [] : [{ path, message }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (bare instanceof z.ZodUnion)
    return bare.options.flatMap((option) => findTextIssues(option, value, path));
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (bare instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, index) => findTextIssues(bare.element, item, at(`${index}`)));
  return Object.entries(value).flatMap(([key, item]) => {
    const inner = bare instanceof z.ZodObject ? bare.shape[key] : undefined;
    const of = bare instanceof z.ZodRecord ? bare.valueType : inner;
    return of === undefined ? [] : findTextIssues(of, item, at(key));
  });
}

function isText(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.some((option) => isText(unwrapSchema(option)));
  return schema instanceof z.ZodString && !rawTexts.has(schema);
}

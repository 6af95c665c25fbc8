import { z } from 'zod';

/**
 * Several values in one query parameter, as in `status=todo,in_progress`; each must fit the schema. A comma inside a
 * value is written `\,`, and a backslash `\\`.
 */
export function listOf<Schema extends z.ZodType>(schema: Schema) {
  const split = (value: unknown) => (typeof value === 'string' ? splitList(value) : value);
  return z.preprocess(split, z.array(schema).min(1).max(100));
}

function splitList(text: string): string[] {
  const values = [''];
  for (const [, escaped, plain] of text.matchAll(/\\([\\,])|(.)/gsu)) {
    if (escaped === undefined && plain === ',') values.push('');
    else values[values.length - 1] += escaped ?? plain ?? '';
  }
  return values;
}

/** The value, or null when the query parameter is the word `null`. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return z.union([
    z
      .literal('null')
      .transform(() => null)
      .pipe(z.null()),
    schema,
  ]);
}

/** A query parameter that is `true` or `false`. */
export const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .pipe(z.boolean());

/** A query parameter that is a whole number of this range. */
export function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^-?[0-9]{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
}

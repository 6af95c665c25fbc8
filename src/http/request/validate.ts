import { z } from 'zod';
import { findTextIssues } from '../../api/text-fields.ts';
import { unwrapSchema } from '../../api/unwrap-schema.ts';
import { AppError, type ErrorCode } from '../../domain/errors.ts';
import { findClosestMatch } from '../../domain/values/closest-match.ts';

/** The part of a request that a value is in. */
export type RequestPart = 'params' | 'query' | 'body';

/** One problem of a request, with a `path` as in `items.0.taskId`. */
interface Issue {
  readonly in: RequestPart;
  readonly path: string;
  readonly message: string;
}

const maxIssues = 20;
const partLabels = { params: 'path parameter', query: 'query parameter', body: 'key' };

/**
 * Parses the value with the schema. Throws VALIDATION_ERROR that lists every problem and suggests the closest known name;
 * the first key of `fieldErrorCodes` with a problem gives the error its code instead.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  part: RequestPart,
  value: unknown,
  fieldErrorCodes: Readonly<Record<string, ErrorCode>> = {},
): z.output<Schema> {
  const result = schema.safeParse(value, parseOptions);
  const issues = result.success ? textIssues(schema, part, value) : schemaIssues(schema, part, result.error);
  if (result.success && issues.length === 0) return result.data;
  const field = Object.keys(fieldErrorCodes).find((key) =>
    issues.some(({ path }) => path.split('.')[0] === key),
  );
  const first = issues.find(({ path }) => field === undefined || path.split('.')[0] === field);
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const code = fieldErrorCodes[field ?? ''] ?? 'VALIDATION_ERROR';
  throw new AppError(code, `${first?.path || part}: ${first?.message}${more}`, { issues });
}

function schemaIssues(schema: z.ZodType, part: RequestPart, { issues }: z.ZodError): Issue[] {
  // Unknown keys come first: one is often a missing key, misspelled.
  const found = [...issues].sort((a, b) => rank(a) - rank(b));
  return found.slice(0, maxIssues).flatMap((issue) => toIssues(schema, part, issue));
}

/** What is wrong with the texts of a body. Other parts only name what is stored, whatever characters that has. */
function textIssues(schema: z.ZodType, part: RequestPart, value: unknown): Issue[] {
  if (part !== 'body') return [];
  return findTextIssues(schema, value)
    .slice(0, maxIssues)
    .map((issue) => ({ in: part, ...issue }));
}

const rank = ({ code }: z.core.$ZodIssue): number => (code === 'unrecognized_keys' ? 0 : 1);

const parseOptions = {
  error: (issue: z.core.$ZodRawIssue): string | undefined => {
    if (issue.input === undefined) return 'is missing';
    if (issue.code === 'invalid_value') return oneOfMessage(issue.values.map(String), issue.input);
    if (issue.code === 'invalid_type')
      return `must be ${withArticle(issue.expected)}, not ${typeOf(issue.input)}`;
    if (issue.code === 'too_small' && issue.origin === 'string' && issue.minimum === 1)
      return 'must not be blank';
    if (issue.code === 'too_big' && issue.origin === 'string')
      return `must be no longer than ${issue.maximum} characters`;
    if (issue.code === 'too_big' && issue.origin === 'array')
      return `must have no more than ${issue.maximum} elements`;
    return undefined;
  },
};

function withArticle(type: string): string {
  return type === 'record' ? 'an object' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return withArticle(Array.isArray(value) ? 'array' : typeof value);
}

function oneOfMessage(values: readonly string[], input: unknown): string {
  const meant = typeof input === 'string' ? findClosestMatch(input, values) : undefined;
  return `must be one of ${values.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function toIssues(schema: z.ZodType, part: RequestPart, issue: z.core.$ZodIssue): Issue[] {
  // A query parameter is one text, even if it holds several values.
  const path = issue.path.slice(0, part === 'query' ? 1 : Infinity).map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => ({
      in: part,
      path: [...path, key].join('.'),
      message: unknownKeyMessage(part, key, known),
    }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({ in: part, path: path.join('.'), message }));
  }
  if (issue.code === 'invalid_union') {
    // The alternative with the fewest problems is most likely the one that was meant.
    const [meant] = [...issue.errors].sort((a, b) => a.length - b.length);
    if (meant !== undefined && meant.length > 0) {
      return meant.flatMap((inner) =>
        toIssues(schema, part, { ...inner, path: [...issue.path, ...inner.path] }),
      );
    }
  }
  return [{ in: part, path: path.join('.'), message: issue.message }];
}

function unknownKeyMessage(part: RequestPart, key: string, known: readonly string[]): string {
  const meant = findClosestMatch(key, known);
  if (meant !== undefined) return `no such ${partLabels[part]}; did you mean ${meant}?`;
  return known.length === 0
    ? `no such ${partLabels[part]}; none is accepted here`
    : `no such ${partLabels[part]}; known are ${known.join(', ')}`;
}

/** The keys that the schema has at this path. */
function knownKeys(schema: z.core.$ZodType, path: readonly string[]): string[] {
  const bare = unwrapSchema(schema);
  if (bare instanceof z.ZodUnion) return bare.options.flatMap((option) => knownKeys(option, path));
  const [key, ...rest] = path;
  if (bare instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(bare.shape);
    const inner: z.ZodType | undefined = bare.shape[key];
    return inner === undefined ? [] : knownKeys(inner, rest);
  }
  if (bare instanceof z.ZodArray) return knownKeys(bare.element, rest);
  if (bare instanceof z.ZodRecord) return knownKeys(bare.valueType, rest);
  return [];
}

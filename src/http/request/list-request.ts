import { z } from 'zod';
import type { PageAnswer, PageInput } from '../../api/answer.ts';
import { flag, listOf, wholeNumber } from '../../api/query-values.ts';
import { unwrapSchema } from '../../api/unwrap-schema.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import { decodeCursor } from './cursor.ts';
import type { RawQuery } from './query-string.ts';

/** How many items are read at once for a list that is answered as a whole. */
const joinedPageSize = 200;

/** What a client asks of a list, apart from its filters. */
export interface ListRequest {
  readonly page: PageInput<string>;
  /** How many items the answer has when all pages are to be joined in it, undefined for one page. */
  readonly wholeLimit: number | undefined;
  readonly envelope: boolean;
  readonly compact: boolean;
  readonly fields: ReadonlySet<string> | undefined;
  /** Identifies the list that is paged through: its path, sort and filters in one string. */
  readonly listKey: string;
  readonly rawQuery: RawQuery;
}

/** The schemas of the query parameters of a list with this answer. */
export function listParameterSchemas(
  answer: PageAnswer,
  settings: HttpSettings,
): Readonly<Record<string, z.ZodType>> {
  const { sorts, compact, envelope } = answer;
  const whole = envelope === 'wanted' ? settings.wholeListLimit : undefined;
  const defaultLimit = whole === undefined ? settings.listDefaultLimit : `all, up to ${whole},`;
  const keys = [...new Set([answer.schema, compact?.schema].flatMap(keysOf))];
  return {
    limit: described(
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
      `The maximum number of items: ${defaultLimit} by default, and never more than ${settings.listMaxLimit}.`,
    ),
    cursor: described(z.string().max(4096), 'Continues after a page: its X-Next-Cursor or nextCursor.'),
    count: described(flag, 'Whether to count the whole list where its total is not kept.'),
    ...(envelope === 'wanted' && {
      envelope: described(
        flag,
        'Whether to answer {data, nextCursor, hasMore, total?} instead of a bare array.',
      ),
    }),
    ...(sorts.length > 0 && {
      sort: described(
        z.enum(sorts.flatMap((sort) => [sort, `-${sort}`])),
        'The order; "-" means descending.',
      ),
    }),
    ...(keys.length > 0 && {
      fields: described(
        listOf(z.enum(keys)),
        'The fields of each item to answer with; its id is always included.',
      ),
    }),
    ...(compact !== undefined && {
      view: described(z.enum(['full', 'compact']), 'compact answers each item in one short line.'),
    }),
  };
}

/** The output of those schemas. */
export interface ListQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly count?: boolean;
  readonly envelope?: boolean;
  readonly sort?: string;
  readonly fields?: readonly string[];
  readonly view?: 'full' | 'compact';
}

/**
 * The request for the list at `path` with these filters, from its parsed query and the `raw` one. Throws VALIDATION_ERROR
 * for the cursor of another list.
 */
export function parseListRequest(
  { limit, cursor, count, envelope = false, sort, fields, view }: ListQuery,
  raw: RawQuery,
  path: string,
  filters: readonly string[],
  { envelope: envelopeUse }: PageAnswer,
  settings: HttpSettings,
): ListRequest {
  const knowsPages = limit !== undefined || cursor !== undefined || envelope || envelopeUse === 'always';
  const wholeLimit = knowsPages ? undefined : settings.wholeListLimit;
  const usual = wholeLimit === undefined ? settings.listDefaultLimit : Math.min(wholeLimit, joinedPageSize);
  const list = JSON.stringify([path, ...['sort', ...filters].map((name) => raw[name])]);
  return {
    page: {
      limit: Math.min(limit ?? usual, settings.listMaxLimit),
      after: cursor === undefined ? undefined : decodeCursor(cursor, list),
      count,
      sort: sort?.replace('-', ''),
      descending: sort?.startsWith('-'),
    },
    wholeLimit,
    envelope,
    compact: view === 'compact',
    fields: fields === undefined ? undefined : new Set(['id', ...fields]),
    listKey: list,
    rawQuery: raw,
  };
}

function described(schema: z.ZodType, description: string): z.ZodType {
  return schema.optional().meta({ description });
}

function keysOf(schema: z.ZodType | undefined): string[] {
  const bare = schema === undefined ? undefined : unwrapSchema(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}

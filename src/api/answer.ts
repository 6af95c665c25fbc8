import type { z } from 'zod';
import type { DeepReadonly } from '../domain/values/immutable.ts';
import type { Page, PageRequest } from '../domain/values/page.ts';

/** A value as the handler returns it: nobody changes it on its way out. */
type Value<Schema> = Schema extends z.ZodType ? DeepReadonly<z.output<Schema>> : never;

/** An answer of one entity with its version. */
export interface EntityAnswer<Schema extends z.ZodType> {
  readonly kind: 'entity';
  readonly schema: Schema;
}

/** An answer of an entity that was created, and where it is. */
export interface CreatedAnswer<Schema extends z.ZodType> {
  readonly kind: 'created';
  readonly schema: Schema;
  readonly location: (value: never) => string;
}

/** The answer of an endpoint that lists. Without a compact form, `Compact` is never. */
export interface PageAnswer<
  Schema extends z.ZodType = z.ZodType,
  Sort extends string = string,
  Compact extends z.ZodType = z.ZodType,
  Envelope extends 'wanted' | 'always' = 'wanted' | 'always',
> {
  readonly kind: 'page';
  readonly schema: Schema;
  readonly sorts: readonly Sort[];
  readonly compact: { readonly schema: Compact; readonly of: (item: never) => unknown } | undefined;
  readonly envelope: Envelope;
}

/** An answer of any JSON. */
export interface JsonAnswer<Schema extends z.ZodType> {
  readonly kind: 'json';
  readonly schema: Schema;
}

/** An answer of text. */
export interface TextAnswer<Type extends string = string> {
  readonly kind: 'text';
  readonly type: Type;
}

/** An answer that is sent part by part. */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly type: string;
}

/** How an endpoint answers. */
export type Answer =
  | EntityAnswer<z.ZodType>
  | CreatedAnswer<z.ZodType>
  | PageAnswer
  | JsonAnswer<z.ZodType>
  | TextAnswer
  | StreamAnswer;

/** What the handler of an endpoint with this answer returns. */
export type HandlerResult<A extends Answer> = A extends TextAnswer
  ? string
  : A extends StreamAnswer
    ? AsyncIterable<string>
    : A extends PageAnswer<infer Schema, string>
      ? Page<Value<Schema>>
      : A extends { readonly schema: infer Schema }
        ? Value<Schema>
        : never;

/** The part of a list that the client wants, as a query of the store takes it. */
export interface PageInput<Sort extends string> extends PageRequest {
  /** Undefined leaves the order to the service. */
  readonly sort?: Sort | undefined;
  readonly descending?: boolean | undefined;
}

/** The page input of a handler with this answer, undefined for answers that are no page. */
export type PageInputOf<A extends Answer> =
  A extends PageAnswer<z.ZodType, infer Sort> ? PageInput<Sort> : undefined;

/** The value. One that has a `version` can be asked for again only if that has changed. */
export function entity<Schema extends z.ZodType>(schema: Schema): EntityAnswer<Schema> {
  return { kind: 'entity', schema };
}

/** A value that the request created. `location` makes the path of its own endpoint from it. */
export function created<Schema extends z.ZodType>(
  schema: Schema,
  location: (value: Value<Schema>) => string,
): CreatedAnswer<Schema> {
  return { kind: 'created', schema, location };
}

/** Any other JSON value. */
export function json<Schema extends z.ZodType>(schema: Schema): JsonAnswer<Schema> {
  return { kind: 'json', schema };
}

/** A string of this media type. */
export function text<const Type extends string>(type: Type): TextAnswer<Type> {
  return { kind: 'text', type };
}

/** The strings of an iterable as they come, of this media type. What the handler throws before it returns is an error. */
export function stream(type: string): StreamAnswer {
  return { kind: 'stream', type };
}

/**
 * A part of a list. The handler gets `page` and returns a Page. The query parameters limit, cursor, envelope
 * and count are added to it; so are sort where `sorts` lists what clients may sort by, view where `compact` says how
 * an item looks in one line, and fields where the items are objects. `envelope: 'always'` is for lists that no
 * client ever knew as bare arrays.
 */
export function page<
  Schema extends z.ZodType,
  const Sort extends string = never,
  Compact extends z.ZodType = never,
  const Envelope extends 'wanted' | 'always' = 'wanted',
>(
  schema: Schema,
  options: {
    readonly sorts?: readonly Sort[];
    readonly compact?: { readonly schema: Compact; readonly of: (item: Value<Schema>) => unknown };
    readonly envelope?: Envelope;
  } = {},
): PageAnswer<Schema, Sort, Compact, Envelope> {
  const { sorts = [], compact, envelope = 'wanted' as Envelope } = options;
  return { kind: 'page', schema, sorts, compact, envelope };
}

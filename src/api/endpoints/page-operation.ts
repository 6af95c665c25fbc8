import type { z } from 'zod';
import type { PageAnswer } from '../answer.ts';

/** A part of a list in an object, with where it goes on: the cursor of the next page, null on the last. */
export interface PageEnvelope<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
  /** The number of items in the whole list, where it was asked for or is known without counting. */
  readonly total?: number | undefined;
}

type FieldName<A> =
  A extends PageAnswer<infer Schema, string, infer Compact, 'wanted' | 'always'>
    ? KeysOf<z.output<Schema>> | KeysOf<z.output<Compact>>
    : never;

type KeysOf<T> = T extends unknown ? Extract<keyof T, string> : never;

/** The query parameters that every list takes, and those that lists with this answer take besides. */
export type PageQuery<A> =
  A extends PageAnswer<z.ZodType, infer Sort, infer Compact, infer Envelope>
    ? {
        /** The most items of the page; the server has a limit of its own. */
        readonly limit?: number | undefined;
        /** Continues after a page: its `nextCursor`. */
        readonly cursor?: string | undefined;
        /** Whether to count the whole list where its total is not kept. */
        readonly count?: boolean | undefined;
        /** The fields of each item to answer with; `id` is always among them. */
        readonly fields?: readonly FieldName<A>[] | undefined;
      } & ([Sort] extends [never] ? unknown : { readonly sort?: Sort | `-${Sort}` | undefined }) &
        ([Compact] extends [never] ? unknown : { readonly view?: 'full' | 'compact' | undefined }) &
        (Envelope extends 'wanted' ? { readonly envelope?: boolean | undefined } : unknown)
    : unknown;

/** One item of a list with this answer, as this query asks for it. */
export type PageItem<A, Query> =
  A extends PageAnswer<infer Schema, string, infer Compact, 'wanted' | 'always'>
    ? PickedFields<ViewedItem<Schema, Compact, ValueOf<Query, 'view'>>, ValueOf<Query, 'fields'>>
    : never;

type ValueOf<Query, Name extends string> = Name extends keyof Query ? Query[Name] : undefined;

type ViewedItem<Schema extends z.ZodType, Compact extends z.ZodType, View> = View extends 'compact'
  ? z.output<Compact>
  : z.output<Schema>;

/** Distributes over both: fields that may be left out may leave the whole item. */
type PickedFields<Item, Fields> = Fields extends readonly (infer Field)[]
  ? Item extends unknown
    ? Pick<Item, Extract<keyof Item, Field | 'id'>>
    : never
  : Item;

/** What is answered to this query: a bare array unless it asks for an envelope, or the list always has one. */
export type PageAnswerValue<A, Query> =
  A extends PageAnswer<z.ZodType, string, z.ZodType, infer Envelope>
    ? Envelope extends 'always'
      ? PageEnvelope<PageItem<A, Query>>
      : EnvelopeOrArray<PageItem<A, Query>, ValueOf<Query, 'envelope'>>
    : never;

type EnvelopeOrArray<Item, Wanted> = Wanted extends true ? PageEnvelope<Item> : Item[];

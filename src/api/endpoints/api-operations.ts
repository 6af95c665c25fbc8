import type { z } from 'zod';
import type { DeepReadonly } from '../../domain/values/immutable.ts';
import type { Answer, StreamAnswer, TextAnswer } from '../answer.ts';
import type { endpoints } from './catalogue.ts';
import type { PageAnswerValue, PageItem, PageQuery } from './page-operation.ts';

type CatalogueEndpoint = (typeof endpoints)[number];

type MayBeLeftOut<Schema> =
  undefined extends z.output<Schema & z.ZodType> ? true : Schema extends z.ZodDefault ? true : false;

type OptionalNames<Schemas> = {
  [Name in keyof Schemas]: MayBeLeftOut<Schemas[Name]> extends true ? Name : never;
}[keyof Schemas];

/** What a schema of parameters makes of their strings: what a caller means with them. */
type Values<Schemas> = {
  readonly [Name in Exclude<keyof Schemas, OptionalNames<Schemas>>]: DeepReadonly<
    z.output<Schemas[Name] & z.ZodType>
  >;
} & {
  readonly [Name in OptionalNames<Schemas>]?: DeepReadonly<z.output<Schemas[Name] & z.ZodType>> | undefined;
};

/** One type in place of an intersection, so that its keys can be told. */
type Flat<T> = { [Name in keyof T]: T[Name] };

/** What is answered: JSON parsed, other texts as strings, streams as they come. */
type AnswerValue<A extends Answer, Query> = A extends { readonly kind: 'page' }
  ? PageAnswerValue<A, Query>
  : A extends TextAnswer<infer Type>
    ? Type extends `application/json${string}`
      ? Readonly<Record<string, unknown>>
      : string
    : A extends StreamAnswer
      ? ReadableStream<Uint8Array>
      : A extends { readonly schema: infer Schema extends z.ZodType }
        ? z.output<Schema>
        : never;

/** What one endpoint takes and answers; query values as they are meant, not yet as strings. */
interface ApiOperation<E extends CatalogueEndpoint> {
  readonly params: Flat<Values<E['params']>>;
  readonly query: Flat<Values<E['query']> & PageQuery<E['answer']>>;
  readonly body: E['body'] extends z.ZodType ? DeepReadonly<z.input<E['body']>> : undefined;
  /** What a request with an empty query is answered; `ApiAnswer` knows it for any query. */
  readonly answer: AnswerValue<E['answer'], unknown>;
  /** The declaration that `answer` is made from. */
  readonly declared: E['answer'];
}

/** The whole API by method and path, as in `ApiOperations['POST /api/sessions/:id/queue/start']`: what each takes and answers. */
export type ApiOperations = {
  readonly [E in CatalogueEndpoint as `${E['method']} ${E['path']}`]: ApiOperation<E>;
};

/** What an operation answers to a query: that of a list decides between array and envelope, and on the fields of items. */
export type ApiAnswer<Name extends keyof ApiOperations, Query> = AnswerValue<
  ApiOperations[Name]['declared'],
  Query
>;

/** The operations that list: what they answer comes in pages. */
export type ApiListName = {
  [Name in keyof ApiOperations]: ApiOperations[Name]['declared'] extends { readonly kind: 'page' }
    ? Name
    : never;
}[keyof ApiOperations];

/** One item of a list, as this query asks for it. */
export type ApiListItem<Name extends ApiListName, Query> = PageItem<ApiOperations[Name]['declared'], Query>;

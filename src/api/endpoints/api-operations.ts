import type { z } from 'zod';
import type { Answer, PageAnswer } from '../answer.ts';
import type { endpoints } from './catalogue.ts';

type CatalogueEndpoint = (typeof endpoints)[number];

type Values<Schemas> = { readonly [Name in keyof Schemas]: z.output<Schemas[Name] & z.ZodType> };

/** The JSON that an endpoint answers, a string where it answers text or a stream. A page is the array of its items. */
type AnswerValue<A extends Answer> =
  A extends PageAnswer<infer Schema, string>
    ? z.output<Schema>[]
    : A extends { readonly schema: infer Schema extends z.ZodType }
      ? z.output<Schema>
      : string;

/** What one endpoint takes and answers; query values as they are meant, not yet as strings. */
interface ApiOperation<E extends CatalogueEndpoint> {
  readonly params: Values<E['params']>;
  readonly query: Values<E['query']>;
  readonly body: E['body'] extends z.ZodType ? z.input<E['body']> : undefined;
  readonly answer: AnswerValue<E['answer']>;
}

/** The whole API by method and path, as in `ApiOperations['POST /api/sessions/:id/queue/start']`: what each takes and answers. */
export type ApiOperations = {
  readonly [E in CatalogueEndpoint as `${E['method']} ${E['path']}`]: ApiOperation<E>;
};

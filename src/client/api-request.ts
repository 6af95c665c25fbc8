import type { ApiAnswer, ApiOperations } from '../api/endpoints/api-operations.ts';

/** The name of an operation: its method and path, as in `GET /api/tasks/:id`. */
export type ApiOperationName = keyof ApiOperations;

/** What a client needs. */
export interface ApiClientOptions {
  /** Where the server is, as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** The token, or what gives it for each request; a server with `AUTH=off` needs none. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Sends the requests; the global fetch by default. */
  readonly fetch?: typeof fetch | undefined;
}

/** What every request may have, whatever it asks. */
interface CommonOptions {
  /** The same key on every attempt makes the change happen once. */
  readonly idempotencyKey?: string | undefined;
  /** The version that the entity must still have: its number, or the ETag of an answer. */
  readonly ifMatch?: number | string | undefined;
  /** Aborts the request, which then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** A property that is required unless an empty object will do. */
type Part<Name extends string, Value> = [keyof Value] extends [never]
  ? { readonly [Key in Name]?: Value | undefined }
  : Record<never, never> extends Value
    ? { readonly [Key in Name]?: Value | undefined }
    : { readonly [Key in Name]: Value };

/** Forbids the keys of a query that the operation does not have. */
type OnlyKnown<Query, Known> = Query & { readonly [Key in Exclude<keyof Query, keyof Known>]: never };

type BodyPart<Body> = Body extends undefined
  ? { readonly body?: undefined }
  : Record<never, never> extends Body
    ? { readonly body?: Body | undefined }
    : { readonly body: Body };

/** What a request for an operation takes: what its endpoint declares, and how it is sent. */
export type ApiRequestOptions<
  Name extends ApiOperationName,
  Query extends ApiOperations[Name]['query'] = ApiOperations[Name]['query'],
> = CommonOptions &
  Part<'params', ApiOperations[Name]['params']> &
  (Record<never, never> extends ApiOperations[Name]['query']
    ? { readonly query?: OnlyKnown<Query, ApiOperations[Name]['query']> | undefined }
    : { readonly query: OnlyKnown<Query, ApiOperations[Name]['query']> }) &
  BodyPart<ApiOperations[Name]['body']>;

/** The type of a query that is left out: it does not ask a list for another form. */
export type NoQuery<Name extends ApiOperationName> = ApiOperations[Name]['query'] & {
  readonly envelope?: undefined;
  readonly fields?: undefined;
  readonly view?: undefined;
};

/** The options as an argument, which may be left out when nothing in them is required. */
export type ApiRequestArguments<Name extends ApiOperationName, Query extends ApiOperations[Name]['query']> =
  Record<never, never> extends ApiRequestOptions<Name, Query>
    ? [options?: ApiRequestOptions<Name, Query>]
    : [options: ApiRequestOptions<Name, Query>];

/** An answer with its status and headers, as `X-Event-Position` or `ETag`. */
export interface ApiResponse<Name extends ApiOperationName, Query> {
  readonly status: number;
  readonly headers: Headers;
  readonly answer: ApiAnswer<Name, Query>;
}

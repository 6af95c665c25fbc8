import { z } from 'zod';
import type { Call } from '../application/access/call.ts';
import type { Services } from '../application/services.ts';
import type { StoreHealth } from '../application/store/store.ts';
import type { Permission } from '../domain/access/access.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Answer, HandlerResult, PageInputOf } from './answer.ts';

/** The methods that endpoints may have; HEAD and OPTIONS are answered for each path by themselves. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The parameters or query of an endpoint: a schema for each name. Values arrive as strings. */
type Fields = Readonly<Record<string, z.ZodType>>;

/** The `:names` of a path. */
type PathParameter<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer More}`
    ? Name | PathParameter<More>
    : Rest
  : never;

/** What a body may weigh: bytes, and keys in all its objects together. */
export interface BodyLimits {
  readonly bytes: number;
  readonly keys: number;
}

/** What every body may weigh: 1 MiB and 10,000 keys. */
export const defaultBodyLimits: BodyLimits = { bytes: 1024 * 1024, keys: 10_000 };

/** What the bodies of documents, templates and backlogs may weigh: 10 MiB and 200,000 keys. */
export const largeBodyLimits: BodyLimits = { bytes: 10 * 1024 * 1024, keys: 200_000 };

/** What public endpoints may say about the server: nothing that anyone stored. */
export interface ServerState {
  readonly version: string;
  /** Whether requests are answered: not while starting or stopping. */
  readonly isReady: () => boolean;
  readonly storeHealth: () => StoreHealth;
  /** The endpoints of this server. */
  readonly endpoints: readonly Endpoint[];
  /** The reference of this server: as JSON, which is OpenAPI, and as a page to read. */
  readonly reference: { readonly json: string; readonly page: string };
  /** The description of what is sent over sockets: AsyncAPI, as JSON. */
  readonly asyncApi: () => string;
}

/** What a handler gets: what its endpoint declared, parsed, and nothing else. */
export type HandlerInput<
  Access extends Permission | 'public',
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType | undefined,
  A extends Answer,
> = (Access extends 'public'
  ? {
      /** A public endpoint has no caller and answers nothing that anyone stored. */ readonly server: ServerState;
    }
  : { readonly call: Call }) &
  InputPart<'params', Params> &
  InputPart<'query', Query> &
  (Body extends z.ZodType ? { readonly body: z.output<Body> } : unknown) &
  (PageInputOf<A> extends undefined ? unknown : { readonly page: PageInputOf<A> });

type InputPart<Name extends string, Schemas extends Fields> = keyof Schemas extends never
  ? unknown
  : { readonly [Key in Name]: { readonly [Field in keyof Schemas]: z.output<Schemas[Field]> } };

interface EndpointDeclaration<
  M extends Method,
  Path extends string,
  Access extends Permission | 'public',
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType | undefined,
  A extends Answer,
> {
  readonly method: M;
  /** As in `/api/tasks/:id`. The more specific of two paths wins, wherever it is in the catalogue. */
  readonly path: Path;
  /** One sentence for the reference, in the words of the glossary. */
  readonly summary: string;
  /** More for the reference, where one sentence is not enough. */
  readonly description?: string;
  /** The permission that the caller needs; an endpoint that needs none says `'public'`. */
  readonly permission: Access;
  /** A schema for exactly the `:names` of the path. */
  readonly params?: Params & { readonly [Name in Exclude<keyof Params, PathParameter<Path>>]: never };
  /** A schema for each query parameter; any other is rejected. */
  readonly query?: Query;
  /** The schema of the body. An object takes no other keys than it names; without a schema only `{}` or nothing is accepted. */
  readonly body?: Body;
  /**
   * Keys of the body that known clients send though they mean nothing here: accepted and dropped. `a.b` is the key `b`
   * of the object at `a`.
   */
  readonly ignoredKeys?: readonly string[];
  /** The error codes for faults in these keys of the body; the first that applies is reported, VALIDATION_ERROR for other keys. */
  readonly fieldErrorCodes?: Readonly<Record<string, ErrorCode>>;
  /** What the body may weigh; `defaultBodyLimits` unless given. */
  readonly bodyLimits?: BodyLimits;
  readonly answer: A;
  /** Errors of this endpoint that are worth naming in the reference. */
  readonly errors?: readonly ErrorCode[];
  /** One call into a service. */
  readonly handle: (
    input: HandlerInput<Access, Params, Query, Body, A>,
    services: Services,
  ) => Promise<HandlerResult<A>> | HandlerResult<A>;
}

/** An endpoint with its types erased: what the router mounts and the reference is made from. */
export interface Endpoint {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly permission: Permission | 'public';
  readonly params: Fields;
  readonly query: Fields;
  readonly body: z.ZodType | undefined;
  readonly ignoredKeys: readonly string[];
  readonly fieldErrorCodes: Readonly<Record<string, ErrorCode>>;
  readonly bodyLimits: BodyLimits;
  readonly answer: Answer;
  readonly errors: readonly ErrorCode[];
  readonly handle: (input: never, services: Services) => unknown;
}

/** An endpoint that keeps the types of what it takes and answers, so that a typed client follows from the catalogue. */
export interface TypedEndpoint<
  M extends Method,
  Path extends string,
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType | undefined,
  A extends Answer,
> extends Endpoint {
  readonly method: M;
  readonly path: Path;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: A;
}

/**
 * Declares an endpoint: method, path, permission, what it takes, how it answers, and its handler, in one value that
 * goes into the catalogue. What is left out is not accepted; what was not declared the handler cannot see.
 *
 * @example
 * endpoint({
 *   method: 'GET',
 *   path: '/api/tasks',
 *   summary: 'Lists tasks.',
 *   permission: 'task:read',
 *   query: { projectId: idSchema.optional(), status: listOf(taskStatusSchema).optional() },
 *   answer: page(taskSchema, { sorts: ['createdAt', 'title'], compact: { schema: compactTaskSchema, of: compactTask } }),
 *   handle: ({ call, query, page }, services) => services.tasks.list(call, { ...page, where: query }),
 * });
 */
export function endpoint<
  const M extends Method,
  const Path extends `/${string}`,
  Access extends Permission | 'public',
  A extends Answer,
  Params extends Fields = Record<never, never>,
  Query extends Fields = Record<never, never>,
  Body extends z.ZodType | undefined = undefined,
>(
  declaration: EndpointDeclaration<M, Path, Access, Params, Query, Body, A> &
    ([PathParameter<Path>] extends [never]
      ? unknown
      : { readonly params: { readonly [Name in PathParameter<Path>]: z.ZodType } }),
): TypedEndpoint<M, Path, Params, Query, Body, A> {
  const { params = {} as Params, query = {} as Query, body, ...rest } = declaration;
  return {
    description: undefined,
    ignoredKeys: [],
    fieldErrorCodes: {},
    bodyLimits: defaultBodyLimits,
    errors: [],
    ...rest,
    params,
    query,
    body: withoutOtherKeys(body) as Body,
  };
}

/** Whether the endpoint honours If-Match: it then lists PRECONDITION_FAILED among its errors, and others refuse the header. */
export function comparesVersions({ errors }: Pick<Endpoint, 'errors'>): boolean {
  return errors.includes('PRECONDITION_FAILED');
}

/** An object that does not say what it does with other keys rejects them. */
function withoutOtherKeys(body: z.ZodType | undefined): z.ZodType | undefined {
  return body instanceof z.ZodObject && body.def.catchall === undefined ? body.strict() : body;
}

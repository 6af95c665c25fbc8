import type { ApiAnswer, ApiListItem, ApiListName, ApiOperations } from '../api/endpoints/api-operations.ts';
import { ApiError, errorOfAnswer, unexpectedAnswer } from './api-error.ts';
import type {
  ApiClientOptions,
  ApiOperationName,
  ApiRequestArguments,
  ApiResponse,
  NoQuery,
} from './api-request.ts';
import { encodeQuery, fillPath } from './request-url.ts';

export type { ApiAnswer, ApiListItem, ApiListName, ApiOperations } from '../api/endpoints/api-operations.ts';
export type { PageEnvelope } from '../api/endpoints/page-operation.ts';
export { type ApiClientErrorCode, ApiError } from './api-error.ts';
export type {
  ApiClientOptions,
  ApiOperationName,
  ApiRequestArguments,
  ApiRequestOptions,
  ApiResponse,
  NoQuery,
} from './api-request.ts';

/** How many items `each` requests at once unless it is told otherwise; the server may answer with fewer. */
const pageSize = 200;

/** Creates a client of the whole API of a server. It keeps no connection: nothing is to be closed. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  return new ApiClient(options);
}

/** The options of a request of any operation. */
interface AnyOptions {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly ifMatch?: number | string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A client of the API; see createApiClient. Each method throws ApiError, or the reason of a signal that aborts. */
export class ApiClient {
  readonly #options: ApiClientOptions;
  readonly #url: string;

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#url = options.url.replace(/\/+$/, '');
  }

  /**
   * Sends a request and returns what is answered: JSON as a value, other texts as a string, a stream as a ReadableStream.
   *
   * @example
   * await client.request('POST /api/sessions/:id/queue/start', { params: { id }, query: { wait: 30 } });
   */
  async request<
    Name extends ApiOperationName,
    const Query extends ApiOperations[Name]['query'] = NoQuery<Name>,
  >(operation: Name, ...options: ApiRequestArguments<Name, Query>): Promise<ApiAnswer<Name, Query>> {
    return (await this.send<Name, Query>(operation, ...options)).answer;
  }

  /** Sends a request, and returns the status and headers besides what is answered. */
  async send<Name extends ApiOperationName, const Query extends ApiOperations[Name]['query'] = NoQuery<Name>>(
    operation: Name,
    ...[options]: ApiRequestArguments<Name, Query>
  ): Promise<ApiResponse<Name, Query>> {
    const given: AnyOptions = options ?? {};
    const response = await this.#fetch(operation, given);
    const { status, headers } = response;
    // The server answers as its catalogue declares, which these types are made from.
    const answer = (await this.#read(response, given)) as ApiAnswer<Name, Query>;
    return { status, headers, answer };
  }

  /** Every item of a list, in its order: the pages are requested one after the other, as they are needed. */
  async *each<Name extends ApiListName, const Query extends ApiOperations[Name]['query'] = NoQuery<Name>>(
    operation: Name,
    ...[options]: ApiRequestArguments<Name, Query>
  ): AsyncGenerator<ApiListItem<Name, Query>, void, undefined> {
    const given: AnyOptions = options ?? {};
    let cursor: string | null | undefined;
    do {
      // Without a limit some servers answer with the whole list at once.
      const query = {
        ...given.query,
        limit: given.query?.limit ?? pageSize,
        ...(cursor !== undefined && { cursor }),
      };
      const response = await this.#fetch(operation, { ...given, query });
      // As above: the items are those of the catalogue.
      yield* this.#itemsOf(response, await this.#read(response, given)) as ApiListItem<Name, Query>[];
      cursor = response.headers.get('x-next-cursor');
    } while (cursor !== null);
  }

  async #fetch(operation: string, options: AnyOptions): Promise<Response> {
    const [method = '', template = ''] = operation.split(' ');
    const { params = {}, query = {}, body, idempotencyKey, ifMatch, signal } = options;
    const path = fillPath(template, params) + encodeQuery(query);
    const headers = new Headers();
    const token = await this.#token();
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    if (idempotencyKey !== undefined) headers.set('Idempotency-Key', idempotencyKey);
    if (ifMatch !== undefined)
      headers.set('If-Match', typeof ifMatch === 'number' ? `"${ifMatch}"` : ifMatch);
    const { fetch: send = fetch } = this.#options;
    // The server never redirects, and the token is for no other.
    const init: RequestInit = { method, headers, redirect: 'error' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (signal !== undefined) init.signal = signal;
    const response = await send(this.#url + path, init).catch((error) => this.#unreachable(error, options));
    if (response.ok) return response;
    throw errorOfAnswer(response, await this.#text(response, options), this.#url);
  }

  async #read(response: Response, options: AnyOptions): Promise<unknown> {
    const type = response.headers.get('content-type') ?? '';
    const isOurs = response.headers.has('x-request-id');
    if (!isOurs) throw this.#unexpected(response);
    if (/^(?:text\/event-stream|application\/x-ndjson)\b/.test(type)) return response.body;
    const text = await this.#text(response, options);
    if (!type.startsWith('application/json')) return text;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#unexpected(response, error);
    }
  }

  #itemsOf(response: Response, page: unknown): unknown[] {
    if (Array.isArray(page)) return page;
    const data = typeof page === 'object' && page !== null && 'data' in page ? page.data : undefined;
    if (Array.isArray(data)) return data;
    throw this.#unexpected(response);
  }

  async #token(): Promise<string | undefined> {
    const { token } = this.#options;
    return typeof token === 'function' ? token() : token;
  }

  #text(response: Response, options: AnyOptions): Promise<string> {
    return response.text().catch((error) => this.#unreachable(error, options));
  }

  #unreachable(error: unknown, { signal }: AnyOptions): never {
    if (signal?.aborted) throw error;
    throw new ApiError(`No server answers at ${this.#url}.`, { code: 'UNREACHABLE', cause: error });
  }

  #unexpected({ status, headers }: Response, cause?: unknown): ApiError {
    const requestId = headers.get('x-request-id') ?? undefined;
    return unexpectedAnswer(this.#url, { status, requestId, cause });
  }
}

import type { Request } from 'express';
import { z } from 'zod';
import type { Endpoint } from '../../api/endpoint.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { bodyReader, hasBody } from './body-reader.ts';
import { type ListQuery, type ListRequest, listParameterSchemas, parseListRequest } from './list-request.ts';
import { noQuery, readQuery } from './query-string.ts';
import { validate } from './validate.ts';

/** The parts of a request, parsed as its endpoint declares them. */
export interface ParsedRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The body as it was sent. */
  readonly rawBody: unknown;
  readonly list: ListRequest | undefined;
}

/** Creates the reader of requests to one endpoint. It throws VALIDATION_ERROR, and the errors of a body. */
export function requestReader(
  endpoint: Endpoint,
  settings: HttpSettings,
): (req: Request, res: ExpressResponse) => Promise<ParsedRequest> {
  const { answer, ignoredKeys, fieldErrorCodes } = endpoint;
  const filters = Object.keys(endpoint.query);
  const listParameters = answer.kind === 'page' ? listParameterSchemas(answer, settings) : {};
  const params = z.strictObject(endpoint.params);
  const query = z.strictObject({ ...endpoint.query, ...listParameters });
  const body = endpoint.body ?? z.strictObject({});
  const takesBody = endpoint.body !== undefined;
  const readBody = bodyReader(endpoint.bodyLimits);
  const takesParams = Object.keys(params.shape).length > 0;
  const takesQuery = Object.keys(query.shape).length > 0;

  return async (req, res) => {
    const parsedParams = takesParams ? validate(params, 'params', req.params) : undefined;
    const raw = readQuery(req.url);
    const parsed = takesQuery || raw !== noQuery ? validate(query, 'query', raw) : raw;
    const list =
      // ListQuery is the output of these schemas.
      answer.kind === 'page'
        ? parseListRequest(parsed as ListQuery, raw, req.path, filters, answer, settings)
        : undefined;
    const rawBody = hasBody(req) ? await readBody(req, res) : {};
    return {
      params: parsedParams,
      query: list === undefined ? parsed : pick(filters, parsed),
      body:
        takesBody || hasBody(req)
          ? validate(body, 'body', omit(ignoredKeys, rawBody), fieldErrorCodes)
          : undefined,
      rawBody,
      list,
    };
  };
}

function pick(names: readonly string[], query: Readonly<Record<string, unknown>>): unknown {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (query[name] !== undefined) picked[name] = query[name];
  return picked;
}

/** The body without these keys; `a.b` is the key `b` of the object at `a`. */
function omit(paths: readonly string[], body: unknown): unknown {
  if (paths.length === 0 || typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const kept = Object.entries(body).filter(([name]) => !paths.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, omit(pathsWithin(name, paths), value)]));
}

function pathsWithin(name: string, paths: readonly string[]): string[] {
  return paths.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
}

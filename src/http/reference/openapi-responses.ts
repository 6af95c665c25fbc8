import { z } from 'zod';
import type { Answer } from '../../api/answer.ts';
import type { Endpoint } from '../../api/endpoint.ts';
import type { JsonSchema, SchemaRegistry } from '../../api/schema-registry.ts';
import { type ErrorCode, errorCodes, errors } from '../../domain/errors.ts';
import { errorStatus } from '../boundary/error-status.ts';
import type { OpenApiContent, OpenApiResponse } from './openapi-document.ts';

/** The one shape of every error. */
const errorSchema = z
  .object({
    error: z.literal(true),
    statusCode: z.int(),
    code: z.enum(errorCodes),
    message: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
    details: z.record(z.string(), z.unknown()).optional(),
    requestId: z.string().meta({ description: 'Names this request in the log.' }),
  })
  .meta({ id: 'Error', description: 'The one shape of every error.' });

const responseHeaders = {
  ETag: { description: 'The version, for If-Match and If-None-Match.', schema: { type: 'string' } },
  Location: { description: 'The path of what was created.', schema: { type: 'string' } },
  Link: { description: 'The next page, as rel="next".', schema: { type: 'string' } },
  'X-Has-More': { description: 'Whether there is a next page.', schema: { type: 'boolean' } },
  'X-Next-Cursor': { description: 'Continues after this page.', schema: { type: 'string' } },
  'X-Total-Count': {
    description: 'How many there are in all, where that is known.',
    schema: { type: 'integer' },
  },
} as const;

const headersByKind: Readonly<Record<Answer['kind'], readonly (keyof typeof responseHeaders)[]>> = {
  entity: ['ETag'],
  created: ['Location', 'ETag'],
  page: ['Link', 'X-Has-More', 'X-Next-Cursor', 'X-Total-Count'],
  json: [],
  text: [],
  stream: [],
};

/** The possible responses of an endpoint, by status. */
export function responsesOf(
  endpoint: Endpoint,
  registry: SchemaRegistry,
): Readonly<Record<string, OpenApiResponse>> {
  const { answer } = endpoint;
  const responses: Record<string, OpenApiResponse> = {
    [answer.kind === 'created' ? '201' : '200']: {
      description: descriptions[answer.kind],
      headers: Object.fromEntries(headersByKind[answer.kind].map((name) => [name, responseHeaders[name]])),
      content: contentOf(answer, registry),
    },
  };
  if (endpoint.method === 'GET' && answer.kind === 'entity')
    responses[304] = { description: 'It has not changed.' };
  const error = registry.output(errorSchema);
  const expected = errorCodesOf(endpoint);
  for (const status of new Set(expected.map((code) => errorStatus[code]))) {
    const codes = expected.filter((code) => errorStatus[code] === status);
    responses[status] = {
      description: codes.map((code) => `${code}: ${errors[code].meaning}`).join('\n\n'),
      content: { 'application/json': { schema: error } },
    };
  }
  return responses;
}

const descriptions: Readonly<Record<Answer['kind'], string>> = {
  entity: 'As it is now.',
  created: 'It was created.',
  page: 'A part of the list.',
  json: 'The answer.',
  text: 'The text.',
  stream: 'The parts, as they come.',
};

function contentOf(answer: Answer, registry: SchemaRegistry): OpenApiContent {
  if (answer.kind === 'text' || answer.kind === 'stream')
    return { [answer.type.split(';', 1)[0] ?? '']: { schema: { type: 'string' } } };
  if (answer.kind !== 'page') return { 'application/json': { schema: registry.output(answer.schema) } };
  const items = registry.output(
    answer.compact === undefined ? answer.schema : z.union([answer.schema, answer.compact.schema]),
  );
  const array: JsonSchema = { type: 'array', items };
  const enveloped: JsonSchema = {
    type: 'object',
    required: ['data', 'nextCursor', 'hasMore'],
    properties: {
      data: array,
      nextCursor: { type: ['string', 'null'] },
      hasMore: { type: 'boolean' },
      total: { type: 'integer' },
    },
  };
  return {
    'application/json': { schema: answer.envelope === 'always' ? enveloped : { anyOf: [array, enveloped] } },
  };
}

/** The errors that an endpoint may answer with: those that follow from its declaration, and those that it lists. */
function errorCodesOf({ method, permission, params, body, errors }: Endpoint): ErrorCode[] {
  const codes = new Set<ErrorCode>(['VALIDATION_ERROR']);
  const add = (when: boolean, ...more: readonly ErrorCode[]) => {
    if (when) for (const code of more) codes.add(code);
  };
  add(permission !== 'public', 'UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED');
  add(permission !== 'public' && Object.keys(params).length > 0, 'NOT_FOUND');
  add(body !== undefined, 'MALFORMED_JSON', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE');
  add(method !== 'GET', 'ORIGIN_NOT_ALLOWED', 'IDEMPOTENCY_MISMATCH', 'STORE_FAILED', 'STORAGE_FULL');
  add(true, ...errors);
  return errorCodes.filter((code) => codes.has(code));
}

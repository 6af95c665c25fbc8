import type { z } from 'zod';
import { comparesVersions, type Endpoint } from '../../api/endpoint.ts';
import type { JsonSchema, SchemaRegistry } from '../../api/schema-registry.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import { listParameterSchemas } from '../request/list-request.ts';
import type { OpenApiOperation, OpenApiParameter } from './openapi-document.ts';
import { responsesOf } from './openapi-responses.ts';

/** The path in OpenAPI's notation: `/api/tasks/{id}`. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:([^/]+)/g, '{$1}');
}

/** The endpoint as an operation; schemas with an id are added to the registry. */
export function operationOf(
  endpoint: Endpoint,
  registry: SchemaRegistry,
  settings: HttpSettings,
): OpenApiOperation {
  const { method, path, summary, permission, body, ignoredKeys } = endpoint;
  const isPublic = permission === 'public';
  const ignored = ignoredKeys.map((key) => `\`${key}\``).join(', ');
  const description = [
    ...(endpoint.description === undefined ? [] : [endpoint.description]),
    ...(ignored === '' ? [] : [`Accepted and ignored: ${ignored}.`]),
  ];
  return {
    operationId: operationIdOf(method, path),
    tags: [tagOf(path)],
    summary,
    ...(description.length > 0 && { description: description.join('\n\n') }),
    security: isPublic ? [] : [{ bearer: [] }],
    'x-permission': permission,
    parameters: parametersOf(endpoint, registry, settings),
    ...(body !== undefined && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': { schema: registry.input(body) } },
      },
    }),
    responses: responsesOf(endpoint, registry),
  };
}

function parametersOf(
  endpoint: Endpoint,
  registry: SchemaRegistry,
  settings: HttpSettings,
): OpenApiParameter[] {
  const { method, permission, params, query, answer } = endpoint;
  const ofList = answer.kind === 'page' ? listParameterSchemas(answer, settings) : {};
  const parameters = [
    ...Object.entries(params).map(([name, schema]) => parameterOf('path', name, schema, registry)),
    ...Object.entries({ ...query, ...ofList }).map(([name, schema]) =>
      parameterOf('query', name, schema, registry),
    ),
  ];
  if (permission !== 'public' && method !== 'GET') {
    parameters.push(
      header(
        'Idempotency-Key',
        'Makes a retry safe: every request with the same key gets the outcome of the first.',
      ),
    );
    if (comparesVersions(endpoint))
      parameters.push(header('If-Match', 'The ETag as it was last seen; 412 when it has changed.'));
  }
  if (method === 'GET' && answer.kind === 'entity') {
    parameters.push(header('If-None-Match', 'The ETag as it was last seen; 304 when it has not changed.'));
  }
  return parameters;
}

function parameterOf(
  place: 'path' | 'query',
  name: string,
  schema: z.ZodType,
  registry: SchemaRegistry,
): OpenApiParameter {
  const written = registry.parameter(schema);
  return {
    name,
    in: place,
    required: place === 'path' || !schema.safeParse(undefined).success,
    ...described(schema),
    schema: written,
    ...(written.type === 'array' && { style: 'form', explode: false }),
  };
}

function described(schema: z.ZodType): { readonly description?: string } {
  return schema.description === undefined ? {} : { description: schema.description };
}

function header(name: string, description: string): OpenApiParameter {
  const schema: JsonSchema = { type: 'string' };
  return { name, in: 'header', required: false, description, schema };
}

/** As in getTasksByIdChildren for GET /api/tasks/:id/children. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/[/.-]/).filter((word) => word !== '' && word !== 'api');
  const name = words
    .map((word) => (word.startsWith(':') ? `By${capitalize(word.slice(1))}` : capitalize(word)))
    .join('');
  return method.toLowerCase() + (name === '' ? 'Root' : name);
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function tagOf(path: string): string {
  const [, first = '', second = ''] = path.split('/');
  return first === 'api' ? second : 'service';
}

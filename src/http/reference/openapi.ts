import type { Endpoint } from '../../api/endpoint.ts';
import { SchemaRegistry } from '../../api/schema-registry.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import type { OpenApiDocument, OpenApiOperation } from './openapi-document.ts';
import { openApiPath, operationOf } from './openapi-operation.ts';

const description = `Where coding agents meet: projects, tasks, sessions and queues over REST and WebSocket.

Send \`Authorization: Bearer <token>\` with every request except to public endpoints. Instants are integer epoch milliseconds. A
list is a bare array unless \`envelope=true\` asks for \`{data, nextCursor, hasMore, total?}\`. An unknown parameter
or key is rejected, not ignored. Every error has one shape, and its \`code\` says what to do.`;

/** Describes a server with these endpoints in OpenAPI 3.1. */
export function openApi(
  endpoints: readonly Endpoint[],
  version: string,
  settings: HttpSettings,
): OpenApiDocument {
  const registry = new SchemaRegistry('draft-2020-12');
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const endpoint of endpoints) {
    const path = openApiPath(endpoint.path);
    paths[path] = {
      ...paths[path],
      [endpoint.method.toLowerCase()]: operationOf(endpoint, registry, settings),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Maestro Server', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: settings.basePath || '/' }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: registry.components,
    },
  };
}

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { json, text } from '../answer.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { healthOf, healthSchema } from '../health.ts';
import { llmsText } from '../llms-text.ts';

/** The endpoints that tell of the server itself: open to all, and without anything that anyone stored. */
export const serviceEndpoints = [
  endpoint({
    method: 'GET',
    path: '/',
    summary: 'Lists what is there.',
    permission: 'public',
    answer: text('text/plain; charset=utf-8'),
    handle: ({ server }) => overview(server.version, server.endpoints),
  }),
  endpoint({
    method: 'GET',
    path: '/health',
    summary: 'Tells that the process lives.',
    permission: 'public',
    answer: json(healthSchema),
    handle: ({ server }) => healthOf(server.storeHealth()),
  }),
  endpoint({
    method: 'GET',
    path: '/ready',
    summary:
      'Tells whether requests are answered: not while starting or stopping, nor when the store failed.',
    permission: 'public',
    answer: json(z.object({ ready: z.boolean() })),
    errors: ['NOT_READY'],
    handle: ({ server }) => {
      if (server.isReady() && server.storeHealth().status !== 'failed') return { ready: true };
      throw new AppError('NOT_READY', 'The server is starting, stopping, or has lost its store.');
    },
  }),
  endpoint({
    method: 'GET',
    path: '/docs',
    summary: 'Shows the reference as a page.',
    permission: 'public',
    answer: text('text/html; charset=utf-8'),
    handle: ({ server }) => server.reference.page,
  }),
  endpoint({
    method: 'GET',
    path: '/openapi.json',
    summary: 'Describes the server in OpenAPI 3.1.',
    permission: 'public',
    answer: text('application/json; charset=utf-8'),
    handle: ({ server }) => server.reference.json,
  }),
  endpoint({
    method: 'GET',
    path: '/asyncapi.json',
    summary: 'Describes what travels on sockets in AsyncAPI 3.',
    permission: 'public',
    answer: text('application/json; charset=utf-8'),
    handle: ({ server }) => server.asyncApi(),
  }),
  endpoint({
    method: 'GET',
    path: '/llms.txt',
    summary: 'Tells an agent how to use the server, on one screen.',
    permission: 'public',
    answer: text('text/plain; charset=utf-8'),
    handle: () => llmsText,
  }),
];

function overview(version: string, endpoints: readonly Endpoint[]): string {
  const width = Math.max(...endpoints.map(({ path }) => path.length));
  const lines = endpoints.map(
    ({ method, path, summary }) => `${method.padEnd(6)} ${path.padEnd(width)}  ${summary}`,
  );
  return `Maestro Server ${version}

What is below /api needs "Authorization: Bearer <token>". The reference is at /docs, and at /llms.txt in short.

${lines.join('\n')}
`;
}

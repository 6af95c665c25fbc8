import { z } from 'zod';
import { projectScopeSchema, roleSchema } from '../../domain/access/access.ts';
import { identitySchema } from '../../domain/access/identity.ts';
import { tokenSchema } from '../../domain/access/token.ts';
import { idSchema } from '../../domain/values/id.ts';
import { lifetimeSchema, lifetimeSeconds } from '../../domain/values/lifetime.ts';
import { created, json, page } from '../answer.ts';
import { deletedSchema } from '../deleted-schema.ts';
import { endpoint } from '../endpoint.ts';

const subjectSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.@+-]{1,200}$/, 'a subject is 1 to 200 letters, digits, or one of _ . @ + -')
  .refine((subject) => !['server', 'local'].includes(subject), 'this name is the server’s own')
  .meta({ description: 'Who holds the token, as events and the log name them; its id by default.' });

const tokenRequestSchema = z
  .object({
    role: roleSchema,
    projects: projectScopeSchema.optional().meta({
      description: 'Ids, or ["*"] for all. An admin has all, an agent of a session has its project.',
    }),
    sessionId: idSchema.optional().meta({ description: 'The one session an agent works for.' }),
    subject: subjectSchema.optional(),
    lifetime: lifetimeSchema.default('30d'),
  })
  .meta({ id: 'TokenRequest' });

const createdTokenSchema = tokenSchema
  .extend({ token: z.string().meta({ description: 'The token itself; it is shown this once.' }) })
  .meta({ id: 'CreatedToken', description: 'A new token with its record.' });

/** Access tokens, and who the caller is. */
export const tokenEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/whoami',
    summary: 'Tells who the caller is.',
    permission: 'identity:read',
    answer: json(identitySchema),
    handle: ({ call }, { tokens }) => tokens.whoami(call),
  }),
  endpoint({
    method: 'GET',
    path: '/api/tokens',
    summary: 'Lists the records of all tokens, never the tokens.',
    permission: 'token:manage',
    query: { sessionId: idSchema.optional() },
    answer: page(tokenSchema, { sorts: ['createdAt', 'expiresAt'], envelope: 'always' }),
    handle: ({ call, query, page }, { tokens }) => tokens.list(call, { ...page, where: query }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/tokens',
    summary: 'Makes a token for a role and the projects it reaches.',
    description:
      'The token is in the answer and nowhere else. It is good for 30 days by default and 365 at most.',
    permission: 'token:manage',
    body: tokenRequestSchema,
    answer: created(createdTokenSchema, ({ id }) => `/api/tokens/${id}`),
    errors: ['NOT_FOUND'],
    handle: ({ call, body: { lifetime, ...request } }, { tokens }) =>
      tokens.create(call, { ...request, lifetime: lifetimeSeconds(lifetime) }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/tokens/:id',
    summary: 'Revokes a token, from this moment on.',
    permission: 'token:manage',
    params: { id: idSchema },
    answer: json(deletedSchema),
    errors: ['NOT_FOUND', 'PRECONDITION_FAILED'],
    handle: ({ call, params }, { tokens }) => tokens.revoke(call, params.id),
  }),
];

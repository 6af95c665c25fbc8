import { z } from 'zod';
import { validationError } from '../errors.ts';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema, newId } from '../values/id.ts';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';
import { projectScopeSchema, type Role, roleSchema } from './access.ts';

/** A bearer token's record: what it may do and until when, never the token. */
export const tokenSchema = z
  .object({
    id: idSchema,
    subject: z.string().min(1).max(200),
    role: roleSchema,
    projects: projectScopeSchema,
    sessionId: idSchema.optional(),
    createdBy: z.string(),
    createdAt: instantSchema,
    expiresAt: instantSchema,
    revokedAt: instantSchema.nullable(),
    version: versionSchema,
  })
  .meta({ id: 'Token', description: 'What a bearer token may do and until when, never the token.' });

/** A bearer token's record. */
export type Token = DeepReadonly<z.infer<typeof tokenSchema>>;

/** How long a token is good for at most: 365 days in seconds. */
export const maxTokenLifetime = 365 * 86_400;

/** How long a token is good for when nothing else is asked: 30 days in seconds. */
const defaultTokenLifetime = 30 * 86_400;

/** How many characters the ids of a token's projects may have together: the token has to fit into a header. */
const maxProjectIdsLength = 2_400;

/** What a new token is to be. */
export interface TokenRequest {
  readonly role: Role;
  /** Ids, or a single `*` for all. An admin has all, and an agent of a session has that of the session, unsaid. */
  readonly projects?: readonly string[] | undefined;
  /** The one session an agent works for. */
  readonly sessionId?: string | undefined;
  /** Who holds it, as events and the log name them; the id of the token by default. */
  readonly subject?: string | undefined;
  /** In seconds. */
  readonly lifetime?: number | undefined;
}

/** The record of a new token, at `now` in epoch milliseconds. Throws VALIDATION_ERROR. */
export function newToken(request: TokenRequest, createdBy: string, now: number): Token {
  const { role, projects = [], sessionId, subject, lifetime = defaultTokenLifetime } = request;
  const all = projects.includes('*');
  if (lifetime > maxTokenLifetime) throw validationError('lifetime', 'a token is good for 365 days at most');
  if (projects.length === 0)
    throw validationError('projects', 'name the projects it is for, or ["*"] for all');
  if (all && projects.length > 1) throw validationError('projects', '"*" stands for all projects, and alone');
  if (role === 'admin' && !all) throw validationError('projects', 'an admin has all projects: ["*"]');
  if (role !== 'agent' && sessionId !== undefined)
    throw validationError('sessionId', 'only an agent works for a session');
  if (projects.join().length > maxProjectIdsLength) {
    throw validationError(
      'projects',
      'these are too many for one token; make several, or one for all projects: ["*"]',
    );
  }
  const id = newId('tok', now);
  return omitUndefined({
    id,
    subject: subject ?? id,
    role,
    projects: all ? (['*'] as const) : [...new Set(projects)],
    sessionId,
    createdBy,
    createdAt: now,
    // Claims are in whole seconds; the record says what the token says.
    expiresAt: (Math.floor(now / 1000) + lifetime) * 1000,
    revokedAt: null,
    version: 1,
  });
}

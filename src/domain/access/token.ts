import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { projectScopeSchema, roleSchema } from './access.ts';

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

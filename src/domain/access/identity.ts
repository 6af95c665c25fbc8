import { z } from 'zod';
import { instantSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';
import { type Actor, projectScopeSchema, roleSchema } from './access.ts';

/** An actor as it is stored and shown to clients. */
export const identitySchema = z
  .object({
    subject: z.string(),
    role: roleSchema,
    projects: projectScopeSchema,
    sessionId: idSchema.optional(),
    tokenId: idSchema.optional(),
    expiresAt: instantSchema.optional(),
  })
  .meta({ id: 'Identity', description: 'Who the caller is, according to the credential.' });

export type Identity = z.infer<typeof identitySchema>;

/** The stored form of an actor. */
export function toIdentity({ id, role, projects, sessionId, tokenId, expiresAt }: Actor): Identity {
  const scope: Identity['projects'] = projects === '*' ? ['*'] : [...projects];
  return omitUndefined({ subject: id, role, projects: scope, sessionId, tokenId, expiresAt });
}

/** The actor from its stored form. */
export function toActor({ subject, projects, ...rest }: DeepReadonly<Identity>): Actor {
  return { id: subject, projects: projects[0] === '*' ? '*' : new Set(projects), ...rest };
}

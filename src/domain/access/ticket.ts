import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { identitySchema } from './identity.ts';

/** How long a ticket is good for, in milliseconds. */
export const ticketLifetimeMs = 30_000;

/** What opens one socket, by its hash, for whoever it was made for. */
export const ticketSchema = z.object({
  id: idSchema,
  holder: identitySchema,
  createdAt: instantSchema,
  version: versionSchema,
});

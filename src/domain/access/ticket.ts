import { z } from 'zod';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { identitySchema } from './identity.ts';

/** How long a ticket is valid, in milliseconds. */
export const ticketLifetimeMs = 30_000;

/** A ticket that opens one socket for its holder. Its id is the hash of the ticket. */
export const ticketSchema = z.object({
  id: idSchema,
  holder: identitySchema,
  createdAt: instantSchema,
  version: versionSchema,
});

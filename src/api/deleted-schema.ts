import { z } from 'zod';
import { idSchema } from '../domain/values/id.ts';

/** The answer of endpoints that delete something. */
export const deletedSchema = z.object({ success: z.literal(true), id: idSchema }).meta({ id: 'Deleted' });

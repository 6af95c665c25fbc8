import { z } from 'zod';
import type { StoreHealth } from '../application/store/store.ts';
import { instantSchema } from '../domain/values/field-schemas.ts';

/** What GET /health answers: that the process lives, and how its store fares when that is not well. */
export const healthSchema = z
  .object({
    status: z.literal('ok'),
    timestamp: instantSchema,
    uptime: z.number().meta({ description: 'Seconds since the process started.' }),
    store: z.enum(['degraded', 'full', 'failed']).optional(),
  })
  .meta({
    id: 'Health',
    description: 'That the process lives, and how its store fares when that is not well.',
  });

/** The health of this process with a store that fares like this. */
export function healthOf({ status }: StoreHealth): z.infer<typeof healthSchema> {
  return {
    status: 'ok',
    timestamp: Date.now(),
    uptime: process.uptime(),
    ...(status === 'ok' ? {} : { store: status }),
  };
}

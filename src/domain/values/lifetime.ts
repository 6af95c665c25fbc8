import { z } from 'zod';

const secondsPerUnit = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** How long a credential is valid, in a request: seconds, or a number with the unit s, m, h or d. */
export const lifetimeSchema = z
  .union([z.int().min(1), z.string().regex(/^[1-9][0-9]{0,8}[smhd]$/, 'as in 90s, 15m, 12h or 30d')])
  .meta({ description: 'Seconds, or a number with its unit: 90s, 15m, 12h, 30d.' });

/** The lifetime in seconds. */
export function lifetimeSeconds(lifetime: z.infer<typeof lifetimeSchema>): number {
  if (typeof lifetime === 'number') return lifetime;
  return Number(lifetime.slice(0, -1)) * secondsPerUnit[lifetime.slice(-1) as keyof typeof secondsPerUnit];
}

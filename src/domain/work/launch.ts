import { z } from 'zod';
import type { Actor } from '../access/access.ts';
import { AppError } from '../errors.ts';
import { instantSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';
import { agentRoleSchema } from './agent-role.ts';

/** What a launcher calls itself: the same name gets the same claim again. */
export const launcherIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_.:@-]{1,200}$/,
    'a launcher is named with 1 to 200 letters, digits, or one of _ . : @ -',
  )
  .meta({ description: 'What the launcher calls itself; the same name gets the same claim again.' });

/** How a spawned session is to be started, by whom it was asked for, and who took it on. */
export const launchSchema = z
  .object({
    role: agentRoleSchema,
    command: z.string(),
    cwd: z.string(),
    manifestPath: z.string(),
    parentSessionId: idSchema.nullable(),
    createdBy: z.string().meta({ description: 'The actor that spawned it.' }),
    creatorTokenId: idSchema.optional(),
    until: instantSchema
      .optional()
      .meta({ description: 'The end of what its creator may: its own token ends with that.' }),
    tokenId: idSchema,
    graceMs: z
      .int()
      .min(0)
      .meta({ description: 'How long its token is taken once it has completed, in milliseconds.' }),
    request: z.string().meta({ description: 'Stands for the body it was asked for with.' }),
    launcherId: launcherIdSchema.optional(),
    claimedBy: z.string().optional().meta({ description: 'The actor that claimed the launch.' }),
    claimedAt: instantSchema.optional(),
  })
  .meta({ id: 'Launch', description: 'How a spawned session is started, for whom, and who took it on.' });

export type Launch = DeepReadonly<z.infer<typeof launchSchema>>;

/** The launch as this actor has it under this name of a launcher; the same value when it had. Throws CONFLICT. */
export function assignLaunch(launch: Launch, launcherId: string, actor: Actor, now: number): Launch {
  const { claimedBy } = launch;
  if (claimedBy === undefined) return { ...launch, launcherId, claimedBy: actor.id, claimedAt: now };
  if (launch.launcherId === launcherId && claimedBy === actor.id) return launch;
  throw new AppError('CONFLICT', `${launch.launcherId} has claimed this launch; take another session.`, {
    launcherId: launch.launcherId,
  });
}

/** Whether this actor may stop the session: one that was claimed only its launcher, itself, its creator or an admin. */
export function canStopSession(
  actor: Actor,
  { id, launch }: { readonly id: string; readonly launch?: Launch | undefined },
): boolean {
  if (launch?.claimedBy === undefined || actor.role === 'admin' || actor.sessionId === id) return true;
  return actor.id === launch.claimedBy || actor.id === launch.createdBy;
}

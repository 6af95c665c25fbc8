import { z } from 'zod';
import type { Actor } from '../access/access.ts';
import { AppError } from '../errors.ts';
import { instantSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';
import { agentRoleSchema } from './agent-role.ts';

/** The name of a launcher: claiming again under the same name returns the same claim. */
export const launcherIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:@-]{1,200}$/, 'the name of a launcher is 1 to 200 letters, digits or _ . : @ -')
  .meta({ description: 'Name of the launcher; claiming again under the same name returns the same claim.' });

/** How to start a spawned session, who spawned it, and which launcher claimed it. */
export const launchSchema = z
  .object({
    role: agentRoleSchema,
    command: z.string(),
    cwd: z.string(),
    manifestPath: z.string(),
    parentSessionId: idSchema.nullable(),
    createdBy: z.string().meta({ description: 'The actor that spawned it.' }),
    creatorTokenId: idSchema.optional(),
    until: instantSchema.optional().meta({
      description: 'When the token of its creator expires; the token of the session expires no later.',
    }),
    tokenId: idSchema,
    graceMs: z
      .int()
      .min(0)
      .meta({ description: 'Milliseconds that its token stays valid after it has completed.' }),
    request: z.string().meta({ description: 'Digest of the body of the request that spawned it.' }),
    launcherId: launcherIdSchema.optional(),
    claimedBy: z.string().optional().meta({ description: 'The actor that claimed the launch.' }),
    claimedAt: instantSchema.optional(),
  })
  .meta({
    id: 'Launch',
    description: 'How to start a spawned session, who spawned it, and which launcher claimed it.',
  });

export type Launch = DeepReadonly<z.infer<typeof launchSchema>>;

/**
 * The launch as claimed by this actor for the named launcher; the same value when they had claimed it before. Throws
 * CONFLICT when another launcher has.
 */
export function claimLaunch(launch: Launch, launcherId: string, actor: Actor, now: number): Launch {
  const { claimedBy } = launch;
  if (claimedBy === undefined) return { ...launch, launcherId, claimedBy: actor.id, claimedAt: now };
  if (launch.launcherId === launcherId && claimedBy === actor.id) return launch;
  throw new AppError('CONFLICT', `${launch.launcherId} has claimed this launch; take another session.`, {
    launcherId: launch.launcherId,
  });
}

/** Whether the actor may stop the session. A claimed one: only its launcher, itself, its creator and admins. */
export function canStopSession(
  actor: Actor,
  { id, launch }: { readonly id: string; readonly launch?: Launch | undefined },
): boolean {
  if (launch?.claimedBy === undefined || actor.role === 'admin' || actor.sessionId === id) return true;
  return actor.id === launch.claimedBy || actor.id === launch.createdBy;
}

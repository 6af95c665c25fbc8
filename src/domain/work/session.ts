import { z } from 'zod';
import { AppError } from '../errors.ts';
import { instantSchema, jsonObjectSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly } from '../values/immutable.ts';
import { documentEntrySchema } from './document.ts';
import { launchSchema } from './launch.ts';
import { type TaskSessionStatus, taskSessionStatusSchema } from './task.ts';
import { sessionActivitySchema, timelineEntrySchema } from './timeline.ts';

/** Where a session is on its way. */
export const sessionStatusSchema = z.enum(['spawning', 'idle', 'working', 'completed', 'failed', 'stopped']);
/** How a session goes about its tasks: `queue` takes them one by one, `tree` hands parts to sessions of its own. */
export const strategySchema = z.enum(['simple', 'queue', 'tree']);

/** A status as clients send it: `running` is an old name of `working`. */
export const sessionStatusInputSchema = z
  .enum([...sessionStatusSchema.options, 'running'])
  .transform((status) => (status === 'running' ? 'working' : status))
  .meta({ description: 'Session status; "running" is accepted for "working".' });

const secretNamePattern = /KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL/i;

/** Environment a session may carry: only names of this system that hold no secret. */
const sessionEnvSchema = z.record(
  z
    .string()
    .max(100)
    .regex(/^(MAESTRO_[A-Z0-9_]+|DATA_DIR|SESSION_DIR)$/, 'only MAESTRO_*, DATA_DIR and SESSION_DIR are kept')
    .refine(
      (name) => !secretNamePattern.test(name),
      'secrets are never stored: set it in the environment of the agent',
    ),
  z.string().max(10_000),
);

/** Whether a session waits for a person, since when and for what. */
export const needsInputSchema = z.object({
  active: z.boolean(),
  message: z.string().max(100_000).optional(),
  since: instantSchema.optional(),
});

/** What is stored of a session; its timeline, events and documents lie in logs of their own. */
export const sessionSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    taskIds: z.array(idSchema).max(10_000),
    name: z.string().trim().min(1).max(500),
    agentId: z.string().max(200).optional(),
    env: sessionEnvSchema,
    strategy: strategySchema,
    status: sessionStatusSchema,
    startedAt: instantSchema,
    lastActivity: instantSchema,
    completedAt: instantSchema.nullable(),
    hostname: z.string(),
    platform: z.string(),
    metadata: jsonObjectSchema.optional(),
    needsInput: needsInputSchema.optional(),
    launch: launchSchema.optional(),
    stale: z
      .object({ since: instantSchema })
      .optional()
      .meta({ description: 'Set while a working session is silent, with when it was last heard of.' }),
    version: versionSchema,
  })
  .meta({ id: 'SessionRecord', description: 'A session without its logs.' });

/** A session as clients see it: with the newest entries of its logs, and how many there are in all. */
export const sessionViewSchema = sessionSchema
  .extend({
    timeline: z.array(timelineEntrySchema),
    timelineCount: z.int().min(0),
    events: z.array(sessionActivitySchema),
    eventsCount: z.int().min(0),
    docs: z.array(documentEntrySchema),
    docsCount: z.int().min(0),
  })
  .meta({ id: 'Session', description: 'One run of an agent, with the newest 20 entries of its logs.' });

export type Session = DeepReadonly<z.infer<typeof sessionSchema>>;
export type SessionView = DeepReadonly<z.infer<typeof sessionViewSchema>>;
export type SessionStatus = z.infer<typeof sessionStatusSchema>;
export type Strategy = z.infer<typeof strategySchema>;

const terminalStatuses: readonly SessionStatus[] = ['completed', 'failed', 'stopped'];

/** Where a session may go from each status; staying is always allowed. */
export const sessionTransitions: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  spawning: ['idle', 'working', 'completed', 'failed', 'stopped'],
  idle: ['working', 'completed', 'failed', 'stopped'],
  working: ['idle', 'completed', 'failed', 'stopped'],
  completed: ['working', 'idle'],
  failed: ['working', 'idle'],
  stopped: ['working', 'idle'],
};

/** Whether the session has come to an end, from which it may resume. */
export function isTerminalStatus(status: SessionStatus): boolean {
  return terminalStatuses.includes(status);
}

/**
 * The session in another status; the same value when it is in it already. `stopped` over `completed` is ignored,
 * since dashboards send it when they close the terminal of finished work. Throws INVALID_TRANSITION.
 */
export function transitionSession(session: Session, status: SessionStatus, now: number): Session {
  if (session.status === 'completed' && status === 'stopped') return session;
  if (session.status === status) return session;
  const allowed = sessionTransitions[session.status];
  if (!allowed.includes(status)) {
    throw new AppError('INVALID_TRANSITION', `A ${session.status} session cannot become ${status}.`, {
      from: session.status,
      to: status,
      allowed,
    });
  }
  if (!isTerminalStatus(status)) return changeSession(session, { status }, now);
  const needsInput = session.needsInput?.active ? { active: false } : session.needsInput;
  return changeSession(session, { status, completedAt: now, needsInput }, now);
}

/** The session with the changes and `lastActivity` now; the same value when they change nothing. */
export function changeSession(
  session: Session,
  changes: { readonly [Key in keyof Session]?: Session[Key] | undefined },
  now: number,
): Session {
  const after = applyChanges(session, changes);
  return after === session ? session : markActive(after, now);
}

/** The session with `lastActivity` now, and not silent any more. */
export function markActive(session: Session, now: number): Session {
  const { stale: _, ...rest } = session;
  return { ...rest, lastActivity: now };
}

/** What the end of a session makes of its progress with a task; undefined when that had ended before. */
export function finalTaskSessionStatus(
  end: SessionStatus,
  progress: TaskSessionStatus | undefined,
): TaskSessionStatus | undefined {
  const open = progress === 'queued' || progress === 'working' || progress === 'blocked';
  return open ? taskSessionStatusSchema.enum[end === 'completed' ? 'completed' : 'failed'] : undefined;
}

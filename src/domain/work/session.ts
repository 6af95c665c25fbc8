import { z } from 'zod';
import { AppError } from '../errors.ts';
import { instantSchema, jsonObjectSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly } from '../values/immutable.ts';
import { documentEntrySchema } from './document.ts';
import { launchSchema } from './launch.ts';
import { type TaskSessionStatus, taskSessionStatusSchema } from './task.ts';
import { sessionActivitySchema, timelineEntrySchema } from './timeline.ts';

/** The status of a session. */
export const sessionStatusSchema = z.enum(['spawning', 'idle', 'working', 'completed', 'failed', 'stopped']);
/** How a session works through its tasks: `queue` takes them from its queue, `tree` also does the parts of its tasks. */
export const strategySchema = z.enum(['simple', 'queue', 'tree']);

/** A status in a request: `running` is an old name of `working`. */
export const sessionStatusInputSchema = z
  .enum([...sessionStatusSchema.options, 'running'])
  .transform((status) => (status === 'running' ? 'working' : status))
  .meta({ description: 'Session status; "running" is accepted for "working".' });

/** Names under which secrets are usually found. */
export const secretNamePattern = /KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL/i;

/** The environment of a session: only variables of this server's own, and none that could hold a secret. */
const sessionEnvSchema = z.record(
  z
    .string()
    .max(100)
    .regex(
      /^(MAESTRO_[A-Z0-9_]+|DATA_DIR|SESSION_DIR)$/,
      'only MAESTRO_*, DATA_DIR and SESSION_DIR are stored',
    )
    .refine(
      (name) => !secretNamePattern.test(name),
      'secrets are never stored; set this in the environment of the agent',
    ),
  z.string().max(10_000),
);

/** Whether a session needs input from a person, since when and about what. */
export const needsInputSchema = z.object({
  active: z.boolean(),
  message: z.string().max(100_000).optional().meta({ description: 'The question.' }),
  since: instantSchema.optional(),
  answer: z.string().max(100_000).optional(),
});

/** How many tasks of a session that ended were completed, failed, skipped, or left without an outcome. */
const sessionResultSchema = z
  .object({ completed: z.int(), failed: z.int(), skipped: z.int(), left: z.int() })
  .meta({ id: 'SessionResult', description: 'How many tasks of a session that ended came to what.' });

/** A session as it is stored; its timeline, activity and documents are stored separately. */
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
    result: sessionResultSchema.optional(),
    launch: launchSchema.optional(),
    stale: z.object({ since: instantSchema }).optional().meta({
      description: 'Set while a working session does not report, with the time of its last report.',
    }),
    version: versionSchema,
  })
  .meta({ id: 'SessionRecord', description: 'A session without its logs.' });

/** A session as clients see it: with the newest entries of its logs, and the total number of them. */
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

const maxGraceAfterStop = 60_000;

/** How long after `stopped` a session may still report what it came to, in milliseconds: a minute at most. */
export function graceAfterStop(launch: Session['launch']): number {
  return Math.min(launch?.graceMs ?? maxGraceAfterStop, maxGraceAfterStop);
}

const terminalStatuses: readonly SessionStatus[] = ['completed', 'failed', 'stopped'];

/** The statuses that may follow each status; setting the same status again is always allowed. */
export const sessionTransitions: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  spawning: ['idle', 'working', 'completed', 'failed', 'stopped'],
  idle: ['working', 'completed', 'failed', 'stopped'],
  working: ['idle', 'completed', 'failed', 'stopped'],
  completed: ['working', 'idle'],
  failed: ['working', 'idle'],
  stopped: ['working', 'idle'],
};

/** Whether a session in this status has ended; it may still be resumed. */
export function isTerminalStatus(status: SessionStatus): boolean {
  return terminalStatuses.includes(status);
}

/**
 * The session in another status; the same value when it already has that status. A completed session ignores
 * `stopped`, which dashboards send when they close the terminal of finished work. Throws INVALID_TRANSITION.
 */
export function transitionSession(session: Session, status: SessionStatus, now: number): Session {
  if (session.status === 'completed' && status === 'stopped') return session;
  if (session.status === status) return session;
  const isLateReport = isReportOfStopped(session, status, now);
  const allowed = sessionTransitions[session.status];
  if (!allowed.includes(status) && !isLateReport) {
    throw new AppError('INVALID_TRANSITION', `A ${session.status} session cannot become ${status}.`, {
      from: session.status,
      to: status,
      allowed,
    });
  }
  if (!isTerminalStatus(status))
    return changeSession(session, { status, completedAt: null, result: undefined }, now);
  const needsInput = session.needsInput?.active ? { active: false } : session.needsInput;
  return changeSession(session, { status, completedAt: now, needsInput }, now);
}

/** Whether a session that was stopped reports what it came to, soon enough to count. */
function isReportOfStopped(
  { status, completedAt, launch }: Session,
  to: SessionStatus,
  now: number,
): boolean {
  if (status !== 'stopped' || completedAt === null || (to !== 'completed' && to !== 'failed')) return false;
  return now - completedAt <= graceAfterStop(launch);
}

/** The session with the changes, active at `now`; the same value when they change nothing. */
export function changeSession(
  session: Session,
  changes: { readonly [Key in keyof Session]?: Session[Key] | undefined },
  now: number,
): Session {
  const after = applyChanges(session, changes);
  return after === session ? session : markActive(after, now);
}

/** The session with `lastActivity` at `now`, and no longer stale. */
export function markActive(session: Session, now: number): Session {
  const { stale: _, ...rest } = session;
  return { ...rest, lastActivity: now };
}

/**
 * What a session needs of a person after a client said so: a new question begins now, and what clears an open question
 * is its answer, beside the question and never in its place.
 */
export function changeNeedsInput(
  before: Session['needsInput'],
  said: NonNullable<Session['needsInput']>,
  now: number,
): NonNullable<Session['needsInput']> {
  if (said.active) return { since: now, ...said };
  if (!before?.active) return said;
  const answer = said.answer ?? said.message;
  return { ...before, active: false, ...(answer === undefined ? {} : { answer }) };
}

/** The progress with a task after the session ends; undefined when it does not change. */
export function finalTaskSessionStatus(
  end: SessionStatus,
  progress: TaskSessionStatus | undefined,
): TaskSessionStatus | undefined {
  const open = progress === 'queued' || progress === 'working' || progress === 'blocked';
  return open ? taskSessionStatusSchema.enum[end === 'completed' ? 'completed' : 'failed'] : undefined;
}

/** What a session came to, from its progress with each of its tasks; undefined stands for a task it never reported on. */
export function sessionResult(
  progress: readonly (TaskSessionStatus | undefined)[],
): NonNullable<Session['result']> {
  const count = (status: TaskSessionStatus) => progress.filter((one) => one === status).length;
  const [completed, failed, skipped] = [count('completed'), count('failed'), count('skipped')];
  return { completed, failed, skipped, left: progress.length - completed - failed - skipped };
}

import { z } from 'zod';
import { AppError } from '../errors.ts';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, type OptionalFields, omitUndefined } from '../values/immutable.ts';
import { skillNameSchema } from '../values/skill-name.ts';

/** The status of a task. */
export const taskStatusSchema = z.enum([
  'todo',
  'in_progress',
  'in_review',
  'completed',
  'cancelled',
  'blocked',
  'archived',
]);
/** The priority of a task. */
export const taskPrioritySchema = z.enum(['low', 'medium', 'high']);
/** The program that works on a task. */
export const agentToolSchema = z.enum(['claude-code', 'codex', 'gemini']);
/** The progress of one session with one task. */
export const taskSessionStatusSchema = z.enum([
  'queued',
  'working',
  'blocked',
  'completed',
  'failed',
  'skipped',
]);

const idsSchema = z.array(idSchema).max(1000);
const labelSchema = z.string().trim().min(1).max(200);

/** The fields of a task that clients set. */
export const taskFields = {
  title: z.string().trim().min(1).max(1000).meta({ description: 'Title, not blank.' }),
  description: z.string().max(500_000),
  initialPrompt: z.string().max(500_000),
  priority: taskPrioritySchema,
  parentId: idSchema
    .nullable()
    .meta({ description: 'The task that this one is a part of, in the same project.' }),
  skillIds: z.array(skillNameSchema).max(200),
  agentIds: z.array(z.string().min(1).max(200)).max(200),
  dependencies: idsSchema.meta({
    description: 'Tasks of the project that must be completed first; never in a cycle.',
  }),
  referenceTaskIds: idsSchema.meta({ description: 'Related tasks of the project.' }),
  labels: z.array(labelSchema).max(100),
  externalId: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Id of the task in the source it was imported from, unique in the project.' }),
  model: z.string().min(1).max(200),
  agentTool: agentToolSchema,
  pinned: z.boolean(),
  review: z
    .boolean()
    .meta({ description: 'Whether completed work waits in review; where unset, the project says.' }),
};

/** Why work at a task failed the last time. */
const taskFailureSchema = z
  .object({
    reason: z.string().max(100_000),
    sessionId: idSchema,
    at: instantSchema,
  })
  .meta({ description: 'Why work at it failed the last time; gone once it is completed.' });

/** A piece of work. */
export const taskSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    ...taskFields,
    // Other names are not accepted any more, and may be stored.
    skillIds: z.array(z.string().min(1).max(200)).max(200),
    status: taskStatusSchema,
    taskSessionStatuses: z.record(idSchema, taskSessionStatusSchema),
    sessionIds: idsSchema,
    externalId: taskFields.externalId.optional(),
    model: taskFields.model.optional(),
    agentTool: taskFields.agentTool.optional(),
    pinned: taskFields.pinned.optional(),
    review: taskFields.review.optional(),
    lastFailure: taskFailureSchema.optional(),
    startedAt: instantSchema.nullable(),
    completedAt: instantSchema.nullable(),
    imported: z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'Opaque: digests of what the source had at the last import.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Task', description: 'A piece of work.' });

export type Task = DeepReadonly<z.infer<typeof taskSchema>>;
export type TaskStatus = z.infer<typeof taskStatusSchema>;
export type TaskSessionStatus = z.infer<typeof taskSessionStatusSchema>;
type TaskFields = DeepReadonly<{ [Key in keyof typeof taskFields]: z.infer<(typeof taskFields)[Key]> }>;
type ClearableField = 'externalId' | 'model' | 'agentTool' | 'pinned' | 'review';
/** The fields of a new task. */
export type TaskInput = OptionalFields<TaskFields> & { readonly title: string };
/** Changes of a task: undefined keeps a field, null clears an optional one. */
export type TaskChanges = OptionalFields<Omit<TaskFields, ClearableField>> & {
  readonly status?: TaskStatus | undefined;
} & {
  readonly [Key in ClearableField]?: TaskFields[Key] | null | undefined;
};

/** A new task in status `todo`; fields that are not given are empty. */
export function createTask(id: string, projectId: string, input: TaskInput, now: number): Task {
  return {
    id,
    projectId,
    ...omitUndefined(input),
    parentId: input.parentId ?? null,
    description: input.description ?? '',
    initialPrompt: input.initialPrompt ?? '',
    status: 'todo',
    priority: input.priority ?? 'medium',
    taskSessionStatuses: {},
    sessionIds: [],
    skillIds: input.skillIds ?? [],
    agentIds: input.agentIds ?? [],
    dependencies: unique(input.dependencies ?? []),
    referenceTaskIds: unique(input.referenceTaskIds ?? []),
    labels: unique(input.labels ?? []),
    startedAt: null,
    completedAt: null,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** The task with the changes; the same value when they change nothing. Throws INVALID_TRANSITION. */
export function changeTask(task: Task, changes: TaskChanges, now: number): Task {
  const status = changes.status ?? task.status;
  if (task.status === 'archived' && status !== 'archived' && status !== 'todo') {
    throw new AppError('INVALID_TRANSITION', `An archived task can only go back to todo, not to ${status}.`, {
      from: task.status,
      to: status,
      allowed: ['todo'],
    });
  }
  const lists = {
    dependencies: changes.dependencies && unique(changes.dependencies),
    referenceTaskIds: changes.referenceTaskIds && unique(changes.referenceTaskIds),
    labels: changes.labels && unique(changes.labels),
  };
  const { externalId, model, agentTool, pinned, review, ...others } = omitUndefined({
    ...changes,
    ...omitUndefined(lists),
  });
  const cleared = Object.entries({ externalId, model, agentTool, pinned, review }).map(([key, value]) => [
    key,
    value === null ? undefined : (value ?? task[key as ClearableField]),
  ]);
  return applyTaskChanges(
    task,
    { ...others, ...Object.fromEntries(cleared), ...statusTimestamps(task, status, now) },
    now,
  );
}

/** The task without references to another task, which was deleted; the same value when it had none. */
export function removeTaskReferences(task: Task, otherId: string, now: number): Task {
  return applyTaskChanges(
    task,
    {
      dependencies: task.dependencies.filter((id) => id !== otherId),
      referenceTaskIds: task.referenceTaskIds.filter((id) => id !== otherId),
    },
    now,
  );
}

/** The sort key of each priority. */
export const priorityRank: Readonly<Record<Task['priority'], number>> = { low: 0, medium: 1, high: 2 };

/** The task with the changes, updated at `now`; the same value when they change nothing. */
export function applyTaskChanges(task: Task, changes: OptionalFields<Task>, now: number): Task {
  const after = applyChanges(task, changes);
  // A clock that was set back does not make a task older than it is.
  return after === task ? task : { ...after, updatedAt: Math.max(now, task.updatedAt) };
}

/** The start and the end of a task after its status changes. */
export function statusTimestamps(
  task: Task,
  status: TaskStatus,
  now: number,
): Pick<Task, 'startedAt' | 'completedAt'> {
  if (status === task.status) return { startedAt: task.startedAt, completedAt: task.completedAt };
  return {
    startedAt: status === 'todo' ? null : status === 'in_progress' ? (task.startedAt ?? now) : task.startedAt,
    completedAt: status === 'completed' ? now : null,
  };
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

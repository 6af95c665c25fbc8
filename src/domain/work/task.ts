import { z } from 'zod';
import { AppError } from '../errors.ts';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { applyChanges, type DeepReadonly, type OptionalFields, omitUndefined } from '../values/immutable.ts';

/** Where a task is on its way, whoever works on it. */
export const taskStatusSchema = z.enum([
  'todo',
  'in_progress',
  'in_review',
  'completed',
  'cancelled',
  'blocked',
  'archived',
]);
/** How much a task matters among others. */
export const taskPrioritySchema = z.enum(['low', 'medium', 'high']);
/** The program that works on a task. */
export const agentToolSchema = z.enum(['claude-code', 'codex', 'gemini']);
/** How far one session is with one task. */
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

/** What a client may say of a task, at creation or later. */
export const taskFields = {
  title: z.string().trim().min(1).max(1000).meta({ description: 'Title, not blank.' }),
  description: z.string().max(500_000),
  initialPrompt: z.string().max(500_000),
  priority: taskPrioritySchema,
  parentId: idSchema.nullable().meta({ description: 'The task this is a part of, in the same project.' }),
  skillIds: z.array(z.string().min(1).max(200)).max(200),
  agentIds: z.array(z.string().min(1).max(200)).max(200),
  dependencies: idsSchema.meta({ description: 'Tasks of the project that come first; never in a circle.' }),
  referenceTaskIds: idsSchema.meta({ description: 'Tasks of the project worth knowing.' }),
  labels: z.array(labelSchema).max(100),
  externalId: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Id in the source it came from, unique in the project.' }),
  model: z.string().min(1).max(200),
  agentTool: agentToolSchema,
  pinned: z.boolean(),
};

/** A piece of work. */
export const taskSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    ...taskFields,
    status: taskStatusSchema,
    taskSessionStatuses: z.record(idSchema, taskSessionStatusSchema),
    sessionIds: idsSchema,
    externalId: taskFields.externalId.optional(),
    model: taskFields.model.optional(),
    agentTool: taskFields.agentTool.optional(),
    pinned: taskFields.pinned.optional(),
    startedAt: instantSchema.nullable(),
    completedAt: instantSchema.nullable(),
    imported: z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'Opaque: what the source said of it at the last import.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Task', description: 'A piece of work.' });

export type Task = DeepReadonly<z.infer<typeof taskSchema>>;
export type TaskStatus = z.infer<typeof taskStatusSchema>;
export type TaskSessionStatus = z.infer<typeof taskSessionStatusSchema>;
type TaskFields = DeepReadonly<{ [Key in keyof typeof taskFields]: z.infer<(typeof taskFields)[Key]> }>;
type ClearableField = 'externalId' | 'model' | 'agentTool' | 'pinned';
/** What a client says of a new task. */
export type TaskInput = OptionalFields<TaskFields> & { readonly title: string };
/** What a client changes of a task; undefined leaves it, null clears what a task need not have. */
export type TaskChanges = OptionalFields<Omit<TaskFields, ClearableField>> & {
  readonly status?: TaskStatus | undefined;
} & {
  readonly [Key in ClearableField]?: TaskFields[Key] | null | undefined;
};

/** A new task, `todo`; what is not said is empty. */
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
  const { externalId, model, agentTool, pinned, ...others } = omitUndefined({
    ...changes,
    ...omitUndefined(lists),
  });
  const cleared = Object.entries({ externalId, model, agentTool, pinned }).map(([key, value]) => [
    key,
    value === null ? undefined : (value ?? task[key as ClearableField]),
  ]);
  return applyTaskChanges(
    task,
    { ...others, ...Object.fromEntries(cleared), ...statusTimestamps(task, status, now) },
    now,
  );
}

/** The task with the session's progress noted; undefined forgets the session. The same value if it was so before. */
export function setTaskSessionStatus(
  task: Task,
  sessionId: string,
  status: TaskSessionStatus | undefined,
  now: number,
): Task {
  const { [sessionId]: _, ...others } = task.taskSessionStatuses;
  const taskSessionStatuses =
    status === undefined ? others : { ...task.taskSessionStatuses, [sessionId]: status };
  return applyTaskChanges(task, { taskSessionStatuses }, now);
}

/** The task with the session among its sessions; the same value if it was already. */
export function addTaskSession(task: Task, sessionId: string, now: number): Task {
  if (task.sessionIds.includes(sessionId)) return task;
  return applyTaskChanges(task, { sessionIds: [...task.sessionIds, sessionId] }, now);
}

/** The task without the session and without its progress; the same value if the session was unknown to it. */
export function removeTaskSession(task: Task, sessionId: string, now: number): Task {
  const sessionIds = task.sessionIds.filter((id) => id !== sessionId);
  return setTaskSessionStatus(applyTaskChanges(task, { sessionIds }, now), sessionId, undefined, now);
}

/** The task without any mention of another, which was deleted; the same value if there was none. */
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

/** How priorities order: low before medium before high. */
export const priorityRank: Readonly<Record<Task['priority'], number>> = { low: 0, medium: 1, high: 2 };

/** A task as agents list it when every byte counts. */
export const compactTaskSchema = z
  .object({
    id: idSchema,
    title: z.string(),
    status: taskStatusSchema,
    priority: taskPrioritySchema,
  })
  .meta({ id: 'CompactTask', description: 'A task in one line; a long title is cut.' });

/** The most bytes a title may take in a line, its quotes and escapes included: 50 lines stay under 8 KB. */
const maxTitleBytes = 72;

/** The task in one line. */
export function toCompactTask(task: Task): DeepReadonly<z.infer<typeof compactTaskSchema>> {
  const { id, title, status, priority } = task;
  return { id, title: truncateTitle(title), status, priority };
}

function truncateTitle(title: string): string {
  const characters = [...title.slice(0, maxTitleBytes)];
  let text = title;
  while (new TextEncoder().encode(JSON.stringify(text)).length > maxTitleBytes) {
    characters.pop();
    text = `${characters.join('')}…`;
  }
  return text;
}

function applyTaskChanges(task: Task, changes: OptionalFields<Task>, now: number): Task {
  const after = applyChanges(task, changes);
  return after === task ? task : { ...after, updatedAt: now };
}

/** The times follow the status: set on entering, cleared on going back. */
function statusTimestamps(
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

import { z } from 'zod';
import { instantSchema } from '../values/field-schemas.ts';
import type { DeepReadonly } from '../values/immutable.ts';
import { changeTask, createTask, type Task, taskFields, taskStatusSchema } from '../work/task.ts';

/** How many issues or links one request may bring. */
export const maxBacklogBatchSize = 500;

const externalIdSchema = taskFields.externalId;
const externalIdsSchema = z.array(externalIdSchema).max(1000).default([]);

/** What the source of a backlog says of one task; what it does not say is left as it is. */
export const backlogItemSchema = z
  .strictObject({
    externalId: externalIdSchema,
    title: taskFields.title,
    description: taskFields.description.optional(),
    status: taskStatusSchema.optional(),
    priority: taskFields.priority.optional(),
    labels: taskFields.labels.optional(),
    createdAt: instantSchema.optional(),
    updatedAt: instantSchema.optional(),
    completedAt: instantSchema
      .optional()
      .meta({ description: 'When it was completed; counts for that status.' }),
  })
  .meta({ id: 'BacklogItem', description: 'What the source of a backlog says of one task.' });

/** How the source links one task to others, all by their ids in the source. */
export const backlogLinksSchema = z
  .strictObject({
    externalId: externalIdSchema,
    parents: externalIdsSchema.meta({
      description: 'The first that exists becomes the parent, others references.',
    }),
    dependencies: externalIdsSchema,
    references: externalIdsSchema,
  })
  .meta({ id: 'BacklogLinks', description: 'How the source links one task to others.' });

export type BacklogItem = DeepReadonly<z.infer<typeof backlogItemSchema>>;
export type BacklogLinks = DeepReadonly<z.infer<typeof backlogLinksSchema>>;

/** Makes a short text of a long one: the same of the same, another of nearly every other. */
export type DigestFunction = (text: string) => string;

const itemFields = [
  'title',
  'description',
  'status',
  'priority',
  'labels',
  'createdAt',
  'updatedAt',
] as const;
const linkFields = ['parentId', 'dependencies', 'referenceTaskIds'] as const;
/** The order is that of the digests in `task.imported`: new fields go to the end. */
const importedFields = [...itemFields, ...linkFields];

type ImportedField = (typeof importedFields)[number];
type SourceFields = { readonly [Field in ImportedField]?: unknown };

/** A new task of what the source says. */
export function createTaskFromBacklogItem(
  id: string,
  projectId: string,
  item: BacklogItem,
  digest: DigestFunction,
  now: number,
): Task {
  const { title, externalId, createdAt, updatedAt } = item;
  const task = createTask(id, projectId, { title, externalId }, createdAt ?? updatedAt ?? now);
  return applyBacklogItem(task, item, digest, now);
}

/**
 * The task with what the source says otherwise than at the last import; the same value when that is nothing. What was
 * changed here stays where the source did not change.
 */
export function applyBacklogItem(task: Task, item: BacklogItem, digest: DigestFunction, now: number): Task {
  const { status, completedAt, createdAt, updatedAt } = item;
  const { news, imported } = detectSourceChanges(
    task,
    { ...item, status: status && [status, completedAt ?? null] },
    digest,
  );
  if (news.size === 0) return task;
  const at = updatedAt ?? now;
  const fields = Object.fromEntries(
    (['title', 'description', 'priority', 'labels'] as const).flatMap((field) =>
      news.has(field) ? [[field, item[field]]] : [],
    ),
  );
  const moved = news.has('status') ? applySourceStatus(task, item, at) : task;
  return {
    ...changeTask(moved, fields, at),
    createdAt: (news.has('createdAt') ? createdAt : undefined) ?? task.createdAt,
    updatedAt: Math.max(task.updatedAt, at),
    imported,
  };
}

/** The links of a task as ids of tasks. */
export type TaskLinks = Pick<Task, (typeof linkFields)[number]>;

/** The same as takeItem for the links of a task. */
export function applyBacklogLinks(task: Task, links: TaskLinks, digest: DigestFunction): Task {
  const { news, imported } = detectSourceChanges(task, links, digest);
  if (news.size === 0) return task;
  return {
    ...task,
    ...Object.fromEntries([...news].map((field) => [field, links[field as keyof TaskLinks]])),
    imported,
  };
}

/** Which of the fields the source says otherwise than at the last import, and what to remember of it now. */
function detectSourceChanges(
  task: Task,
  said: SourceFields,
  digest: DigestFunction,
): { readonly news: ReadonlySet<ImportedField>; readonly imported: string } {
  const before = task.imported?.split('.') ?? [];
  const news = new Set<ImportedField>();
  const marks = importedFields.map((field, i) => {
    const mark = before[i] ?? '';
    const value = said[field];
    if (value === undefined) return mark;
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    const now = isEmpty ? '' : digest(JSON.stringify(value));
    if (now !== mark) news.add(field);
    return now;
  });
  return { news, imported: marks.join('.') };
}

/** The task in the status that the source says, with the end that the source says. */
function applySourceStatus(task: Task, { status = task.status, completedAt }: BacklogItem, at: number): Task {
  const open = task.status === 'archived' ? changeTask(task, { status: 'todo' }, at) : task;
  const moved = changeTask(open, { status }, completedAt ?? at);
  return moved.completedAt === null || completedAt === undefined ? moved : { ...moved, completedAt };
}

import { z } from 'zod';
import { instantSchema } from '../values/field-schemas.ts';
import type { DeepReadonly } from '../values/immutable.ts';
import { changeTask, createTask, type Task, taskFields, taskStatusSchema } from '../work/task.ts';

/** The maximum number of items or links in one request. */
export const maxBacklogBatchSize = 500;

const externalIdSchema = taskFields.externalId;
const externalIdsSchema = z.array(externalIdSchema).max(1000).default([]);

/** One task of a backlog as its source has it; fields that are missing stay as they are. */
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
      .meta({ description: 'When the task was completed; used when the status is completed.' }),
  })
  .meta({ id: 'BacklogItem', description: 'One task of a backlog as its source has it.' });

/** The links of one task to others, all by their ids in the source. */
export const backlogLinksSchema = z
  .strictObject({
    externalId: externalIdSchema,
    parents: externalIdsSchema.meta({
      description: 'The first that exists becomes the parent, the others become references.',
    }),
    dependencies: externalIdsSchema,
    references: externalIdsSchema,
  })
  .meta({
    id: 'BacklogLinks',
    description: 'The links of one task to others, all by their ids in the source.',
  });

export type BacklogItem = DeepReadonly<z.infer<typeof backlogItemSchema>>;
export type BacklogLinks = DeepReadonly<z.infer<typeof backlogLinksSchema>>;

/** Returns a short digest of a text. */
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
/** In the order of the digests in `task.imported`, so new fields go to the end. */
const importedFields = [...itemFields, ...linkFields];

type ImportedField = (typeof importedFields)[number];
type SourceFields = { readonly [Field in ImportedField]?: unknown };

/** A new task from an item of a backlog. */
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
 * The task with the fields that have changed in the source since the last import; the same value when none have. Other
 * fields keep the changes that were made here.
 */
export function applyBacklogItem(task: Task, item: BacklogItem, digest: DigestFunction, now: number): Task {
  const { status, completedAt, createdAt, updatedAt } = item;
  const { changed, imported } = detectSourceChanges(
    task,
    { ...item, status: status && [status, completedAt ?? null] },
    digest,
  );
  if (changed.size === 0) return task;
  const at = updatedAt ?? now;
  const fields = Object.fromEntries(
    (['title', 'description', 'priority', 'labels'] as const).flatMap((field) =>
      changed.has(field) ? [[field, item[field]]] : [],
    ),
  );
  const withStatus = changed.has('status') ? applySourceStatus(task, item, at) : task;
  return {
    ...changeTask(withStatus, fields, at),
    createdAt: (changed.has('createdAt') ? createdAt : undefined) ?? task.createdAt,
    updatedAt: Math.max(task.updatedAt, at),
    imported,
  };
}

/** The links of a task, as ids of tasks. */
export type TaskLinks = Pick<Task, (typeof linkFields)[number]>;

/** The task with the links that have changed in the source since the last import; the same value when none have. */
export function applyBacklogLinks(task: Task, links: TaskLinks, digest: DigestFunction): Task {
  const { changed, imported } = detectSourceChanges(task, links, digest);
  if (changed.size === 0) return task;
  return {
    ...task,
    ...Object.fromEntries([...changed].map((field) => [field, links[field as keyof TaskLinks]])),
    imported,
  };
}

/** The fields that have changed in the source since the last import, and the digests to store now. */
function detectSourceChanges(
  task: Task,
  fields: SourceFields,
  digest: DigestFunction,
): { readonly changed: ReadonlySet<ImportedField>; readonly imported: string } {
  const oldDigests = task.imported?.split('.') ?? [];
  const changed = new Set<ImportedField>();
  const digests = importedFields.map((field, i) => {
    const oldDigest = oldDigests[i] ?? '';
    const value = fields[field];
    if (value === undefined) return oldDigest;
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    const newDigest = isEmpty ? '' : digest(JSON.stringify(value));
    if (newDigest !== oldDigest) changed.add(field);
    return newDigest;
  });
  return { changed, imported: digests.join('.') };
}

/** The task with the status and the completion time of the source. */
function applySourceStatus(task: Task, { status = task.status, completedAt }: BacklogItem, at: number): Task {
  const reopened = task.status === 'archived' ? changeTask(task, { status: 'todo' }, at) : task;
  const changed = changeTask(reopened, { status }, completedAt ?? at);
  return changed.completedAt === null || completedAt === undefined ? changed : { ...changed, completedAt };
}

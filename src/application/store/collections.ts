import { z } from 'zod';
import { ticketLifetimeMs, ticketSchema } from '../../domain/access/ticket.ts';
import { tokenSchema } from '../../domain/access/token.ts';
import { templateSchema } from '../../domain/agents/template.ts';
import { instantSchema, versionSchema } from '../../domain/values/field-schemas.ts';
import { idSchema } from '../../domain/values/id.ts';
import type { DeepReadonly } from '../../domain/values/immutable.ts';
import { documentContentSchema, documentSchema } from '../../domain/work/document.ts';
import { projectSchema } from '../../domain/work/project.ts';
import { queueSchema } from '../../domain/work/queue.ts';
import { sessionSchema } from '../../domain/work/session.ts';
import { priorityRank, taskSchema } from '../../domain/work/task.ts';
import { sessionActivitySchema, timelineEntrySchema } from '../../domain/work/timeline.ts';

/** What a filter is compared with; null stands for "has none". */
export type FilterValue = string | null;

/** One stored kind: its shape, whose it is, and how it is found. */
export interface Collection<Schema extends z.ZodType, Filter extends string, Sort extends string> {
  readonly schema: Schema;
  /** The word for one of them, in messages. */
  readonly noun: string;
  readonly id: (entity: DeepReadonly<z.infer<Schema>>) => string;
  /** The project it belongs to, null when it is the workspace's, undefined when it is nobody's and needs no lock. */
  readonly project: (entity: DeepReadonly<z.infer<Schema>>) => string | null | undefined;
  /** What it is found by; an entity with several values is found by each of them. */
  readonly filters: Readonly<
    Record<Filter, (entity: DeepReadonly<z.infer<Schema>>) => FilterValue | readonly FilterValue[]>
  >;
  /** The sets of filters that have an ordered index; a query uses the largest that it covers. */
  readonly indexes: readonly (readonly NoInfer<Filter>[])[];
  /** What it is ordered by; the id breaks ties. Strings order by code unit. */
  readonly sorts: Readonly<Record<Sort, (entity: DeepReadonly<z.infer<Schema>>) => string | number>>;
  /** Whether it is as every server makes it by itself, and counts for nothing where a store is to be empty. */
  readonly isSeed?: (entity: DeepReadonly<z.infer<Schema>>) => boolean;
  /** For how many milliseconds one is of use: older ones are forgotten, and no export or backup holds any. */
  readonly lifetime?: number;
  /** Whether the files lie in a folder for each project. */
  readonly folderPerProject?: boolean;
}

function collection<Schema extends z.ZodType, Filter extends string, Sort extends string>(
  entry: Collection<Schema, Filter, Sort>,
): Collection<Schema, Filter, Sort> {
  return entry;
}

/** The outcome of a request that carried an Idempotency-Key, kept so that a retry gets the same answer. */
const attemptSchema = z.object({
  id: idSchema,
  fingerprint: z.string(),
  value: z.unknown(),
  createdAt: instantSchema,
  version: versionSchema,
});

/** CATALOGUE: every stored kind of entity. */
export const collections = {
  projects: collection({
    schema: projectSchema,
    noun: 'project',
    id: (project) => project.id,
    project: (project) => project.id,
    filters: { projectId: (project) => project.id, name: (project) => project.name },
    indexes: [['projectId'], ['name']],
    sorts: { createdAt: (p) => p.createdAt, updatedAt: (p) => p.updatedAt, name: (p) => p.name },
  }),
  tasks: collection({
    schema: taskSchema,
    noun: 'task',
    id: (task) => task.id,
    project: (task) => task.projectId,
    filters: {
      projectId: (task) => task.projectId,
      status: (task) => task.status,
      parentId: (task) => task.parentId,
      priority: (task) => task.priority,
      label: (task) => task.labels,
      externalId: (task) => task.externalId ?? null,
      sessionId: (task) => task.sessionIds,
      dependency: (task) => task.dependencies,
      reference: (task) => task.referenceTaskIds,
    },
    indexes: [
      ['projectId'],
      ['status'],
      ['parentId'],
      ['projectId', 'status'],
      ['projectId', 'parentId'],
      ['projectId', 'parentId', 'status'],
      ['projectId', 'priority'],
      ['projectId', 'priority', 'status'],
      ['projectId', 'label'],
      ['projectId', 'externalId'],
      ['sessionId'],
      ['dependency'],
      ['reference'],
    ],
    sorts: {
      createdAt: (task) => task.createdAt,
      updatedAt: (task) => task.updatedAt,
      title: (task) => task.title,
      priority: (task) => priorityRank[task.priority],
    },
    folderPerProject: true,
  }),
  sessions: collection({
    schema: sessionSchema,
    noun: 'session',
    id: (session) => session.id,
    project: (session) => session.projectId,
    filters: {
      projectId: (session) => session.projectId,
      taskId: (session) => session.taskIds,
      status: (session) => session.status,
      idIgnoringCase: (session) => session.id.toLowerCase(),
      needsInput: (session) => String(session.needsInput?.active ?? false),
    },
    indexes: [
      ['projectId'],
      ['taskId'],
      ['status'],
      ['projectId', 'status'],
      ['idIgnoringCase'],
      ['needsInput'],
      ['projectId', 'needsInput'],
    ],
    sorts: {
      createdAt: (session) => session.startedAt,
      updatedAt: (session) => session.lastActivity,
      name: (session) => session.name,
    },
  }),
  queues: collection({
    schema: queueSchema,
    noun: 'queue',
    id: (queue) => queue.sessionId,
    project: (queue) => queue.projectId,
    filters: {
      projectId: (queue) => queue.projectId,
      taskId: (queue) => queue.items.map((item) => item.taskId),
    },
    indexes: [['projectId'], ['taskId']],
    sorts: { createdAt: (queue) => queue.createdAt },
  }),
  documents: collection({
    schema: documentSchema,
    noun: 'document',
    id: (document) => document.id,
    project: (document) => document.projectId,
    filters: {
      projectId: (document) => document.projectId,
      sessionId: (document) => document.sessionId,
      taskId: (document) => document.taskId ?? null,
      log: (document) => document.content?.log ?? null,
    },
    indexes: [['projectId'], ['sessionId'], ['taskId'], ['sessionId', 'taskId'], ['log']],
    sorts: { createdAt: (document) => document.addedAt },
  }),
  templates: collection({
    schema: templateSchema,
    noun: 'template',
    id: (template) => template.id,
    project: () => null,
    filters: {
      role: (template) => template.role,
      activeFor: (template) => (template.active ? template.role : null),
    },
    indexes: [['role'], ['activeFor']],
    sorts: {
      createdAt: (template) => template.createdAt,
      updatedAt: (template) => template.updatedAt,
      name: (template) => template.name,
    },
    isSeed: (template) => template.isDefault && template.version === 1,
  }),
  tokens: collection({
    schema: tokenSchema,
    noun: 'token',
    id: (token) => token.id,
    project: () => null,
    filters: { sessionId: (token) => token.sessionId ?? null },
    indexes: [['sessionId']],
    sorts: { createdAt: (token) => token.createdAt, expiresAt: (token) => token.expiresAt },
  }),
  attempts: collection({
    schema: attemptSchema,
    noun: 'attempt',
    id: (attempt) => attempt.id,
    project: () => undefined,
    filters: {},
    indexes: [],
    sorts: { createdAt: (attempt) => attempt.createdAt },
    lifetime: 24 * 60 * 60 * 1000,
  }),
  tickets: collection({
    schema: ticketSchema,
    noun: 'ticket',
    id: (ticket) => ticket.id,
    project: () => undefined,
    filters: {},
    indexes: [],
    sorts: { createdAt: (ticket) => ticket.createdAt },
    lifetime: ticketLifetimeMs,
  }),
};

/** CATALOGUE: every kind of append-only log; each session has one of each, named by the session's id. */
export const logs = {
  timeline: { entry: timelineEntrySchema },
  activity: { entry: sessionActivitySchema },
  contents: { entry: documentContentSchema },
};

export type Collections = typeof collections;
/** The name of a stored kind. */
export type Kind = keyof Collections;
/** What a store holds of a kind, as it is read: nobody changes it. */
export type EntityOf<K extends Kind> = DeepReadonly<z.infer<Collections[K]['schema']>>;
/** What entities of a kind are found by. */
export type FilterOf<K extends Kind> = keyof Collections[K]['filters'] & string;
/** What entities of a kind are ordered by. */
export type SortOf<K extends Kind> = keyof Collections[K]['sorts'] & string;

export type LogKind = keyof typeof logs;
export type LogEntryOf<L extends LogKind> = DeepReadonly<z.infer<(typeof logs)[L]['entry']>>;

/** Every stored kind, in the order of the catalogue. */
export const kinds = Object.keys(collections) as Kind[];

/** Every kind of log, in the order of the catalogue. */
export const logKinds = Object.keys(logs) as LogKind[];

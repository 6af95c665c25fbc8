import { z } from 'zod';
import { idSchema } from '../../domain/values/id.ts';
import { compactTaskSchema, toCompactTask } from '../../domain/work/compact-task.ts';
import { taskDocumentSchema } from '../../domain/work/document.ts';
import {
  taskFields,
  taskPrioritySchema,
  taskSchema,
  taskSessionStatusSchema,
  taskStatusSchema,
} from '../../domain/work/task.ts';
import { timelineEntrySchema, timelineTypeSchema } from '../../domain/work/timeline.ts';
import { created, entity, json, page } from '../answer.ts';
import { deletedSchema } from '../deleted-schema.ts';
import { documentInputSchema } from '../document-input.ts';
import { endpoint, largeBodyLimits } from '../endpoint.ts';
import { listOf, orNull } from '../query-values.ts';

const idParams = { id: idSchema };
const fields = z.object(taskFields);

const taskPage = page(taskSchema, {
  sorts: ['createdAt', 'updatedAt', 'title', 'priority'],
  compact: { schema: compactTaskSchema, of: toCompactTask },
});

const filters = {
  status: listOf(taskStatusSchema).optional(),
  priority: listOf(taskPrioritySchema).optional(),
  label: listOf(taskFields.labels.element).optional(),
  sessionId: listOf(idSchema).optional(),
};

const taskPatchSchema = fields
  .partial()
  .extend({
    externalId: taskFields.externalId.nullable().optional(),
    model: taskFields.model.nullable().optional(),
    agentTool: taskFields.agentTool.nullable().optional(),
    pinned: taskFields.pinned.nullable().optional(),
    status: taskStatusSchema.optional(),
    sessionIds: z
      .array(idSchema)
      .max(1000)
      .optional()
      .meta({ description: 'Replaces the links, on both sides.' }),
    taskSessionStatuses: z.record(idSchema, taskSessionStatusSchema).optional(),
    updateSource: z.enum(['user', 'session']).optional().meta({
      description: '"session" reports the progress of `sessionId`: only `sessionStatus` counts then.',
    }),
    sessionId: idSchema.optional(),
    sessionStatus: taskSessionStatusSchema.optional(),
  })
  .refine((patch) => patch.updateSource !== 'session' || patch.sessionId !== undefined, {
    path: ['sessionId'],
    message: 'a report of a session names the session',
  });

const taskReportSchema = z.object({
  message: timelineEntrySchema.shape.message.unwrap().min(1),
  sessionId: idSchema,
  type: timelineTypeSchema.default('progress'),
});

/** The endpoints of tasks. */
export const taskEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/tasks',
    summary: 'Lists tasks; filters combine, and each takes several values.',
    permission: 'task:read',
    query: {
      projectId: listOf(idSchema).optional(),
      parentId: orNull(idSchema).optional(),
      externalId: listOf(z.string().min(1)).optional(),
      ...filters,
    },
    answer: taskPage,
    handle: ({ call, query, page }, { tasks }) => tasks.list(call, { ...page, where: query }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/tasks',
    summary: 'Creates a task.',
    permission: 'task:create',
    body: fields.partial().required({ title: true }).extend({ projectId: idSchema }),
    answer: created(taskSchema, (task) => `/api/tasks/${task.id}`),
    errors: ['DEPENDENCY_CYCLE', 'ALREADY_EXISTS'],
    handle: ({ call, body: { projectId, ...input } }, { tasks }) => tasks.create(call, projectId, input),
  }),
  endpoint({
    method: 'GET',
    path: '/api/tasks/:id',
    summary: 'Gives one task.',
    permission: 'task:read',
    params: idParams,
    answer: entity(taskSchema),
    handle: ({ call, params }, { tasks }) => tasks.get(call, params.id),
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/tasks/:id',
    summary: 'Changes a task, or takes the report of a session on it.',
    permission: 'task:report',
    params: idParams,
    body: taskPatchSchema,
    ignoredKeys: ['completedAt', 'startedAt'],
    answer: entity(taskSchema),
    errors: ['INVALID_TRANSITION', 'DEPENDENCY_CYCLE', 'ALREADY_EXISTS', 'PRECONDITION_FAILED'],
    handle: ({ call, params, body }, { tasks }) => tasks.update(call, params.id, body),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/tasks/:id',
    summary: 'Deletes a task with all below it, and every mention of them.',
    permission: 'task:delete',
    params: idParams,
    answer: json(deletedSchema),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params }, { tasks }) => tasks.remove(call, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/api/tasks/:id/children',
    summary: 'Lists the tasks directly below one.',
    permission: 'task:read',
    params: idParams,
    query: filters,
    answer: taskPage,
    handle: ({ call, params, query, page }, { tasks }) =>
      tasks.children(call, params.id, { ...page, where: query }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/tasks/:id/timeline',
    summary: "Reports on a task to a session's timeline.",
    permission: 'session:update',
    params: idParams,
    body: taskReportSchema,
    answer: json(taskReportSchema.extend({ success: z.literal(true), taskId: idSchema })),
    handle: ({ call, params, body }, { sessionLogs }) => sessionLogs.reportOnTask(call, params.id, body),
  }),
  endpoint({
    method: 'GET',
    path: '/api/tasks/:id/docs',
    summary: 'Lists the documents of a task and, of its sessions, those about no task, with their content.',
    permission: 'task:read',
    params: idParams,
    answer: page(taskDocumentSchema),
    handle: ({ call, params, page }, { sessionLogs }) => sessionLogs.documentsOfTask(call, params.id, page),
  }),
  endpoint({
    method: 'POST',
    path: '/api/tasks/:id/docs',
    summary: 'Adds a document of a session to a task.',
    permission: 'session:update',
    params: idParams,
    body: documentInputSchema.extend({ sessionId: idSchema }),
    ignoredKeys: ['kind'],
    bodyLimits: largeBodyLimits,
    answer: json(taskDocumentSchema),
    handle: ({ call, params, body }, { sessionLogs }) => sessionLogs.addTaskDocument(call, params.id, body),
  }),
];

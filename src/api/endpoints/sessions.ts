import { z } from 'zod';
import { idSchema } from '../../domain/values/id.ts';
import { hasValidSkillNames } from '../../domain/values/skill-name.ts';
import { documentEntrySchema } from '../../domain/work/document.ts';
import {
  needsInputSchema,
  sessionSchema,
  sessionStatusInputSchema,
  sessionViewSchema,
} from '../../domain/work/session.ts';
import { sessionActivitySchema, timelineEntrySchema } from '../../domain/work/timeline.ts';
import { created, entity, json, page } from '../answer.ts';
import { deletedSchema } from '../deleted-schema.ts';
import { documentInputSchema } from '../document-input.ts';
import { endpoint, largeBodyLimits } from '../endpoint.ts';
import { flag, listOf } from '../query-values.ts';

const idParams = { id: idSchema };
const taskLinkParams = { id: idSchema, taskId: idSchema };
const { shape } = sessionSchema;

const sessionInputSchema = z
  .object({
    id: idSchema.optional().meta({ description: 'An id of your own; one is made when you give none.' }),
    projectId: idSchema,
    taskIds: shape.taskIds.optional(),
    taskId: idSchema.optional().meta({ description: 'Old form of `taskIds` with one task.' }),
    name: shape.name.optional(),
    agentId: shape.agentId,
    env: shape.env.optional(),
    strategy: shape.strategy.optional(),
    status: sessionStatusInputSchema.optional(),
    metadata: shape.metadata.refine(hasValidSkillNames, {
      path: ['skills'],
      message: 'must be names of skills',
    }),
  })
  .refine((input) => input.taskIds !== undefined || input.taskId !== undefined, {
    path: ['taskIds'],
    message: 'name the tasks of the session; [] for none',
  });

const sessionPatchSchema = z.object({
  taskIds: shape.taskIds.optional().meta({ description: 'Replaces the links, on both sides.' }),
  status: sessionStatusInputSchema.optional(),
  agentId: shape.agentId,
  env: shape.env.optional().meta({ description: 'Laid over the environment that is there.' }),
  needsInput: needsInputSchema.optional(),
  timeline: z
    .array(timelineEntrySchema.partial({ id: true, timestamp: true }).strict())
    .max(1000)
    .optional()
    .meta({ description: 'Entries to append.' }),
  events: z
    .array(sessionActivitySchema.partial({ id: true, timestamp: true }).strict())
    .max(1000)
    .optional()
    .meta({ description: 'Events to append.' }),
});

/** The endpoints of sessions. */
export const sessionEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/sessions',
    summary: 'Lists sessions; filters combine, and each takes several values.',
    permission: 'session:read',
    query: {
      projectId: listOf(idSchema).optional(),
      taskId: listOf(idSchema).optional(),
      status: listOf(sessionStatusInputSchema).optional(),
      needsInput: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Whether the session waits for a person.' }),
      active: flag.optional().meta({ description: 'Only sessions that are spawning, idle or working.' }),
    },
    answer: page(sessionViewSchema, { sorts: ['createdAt', 'updatedAt', 'name'] }),
    handle: ({ call, query: { active, ...where }, page }, { sessions }) =>
      sessions.list(call, { ...page, where }, active ?? false),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions',
    summary: 'Creates a session linked to its tasks; strategy queue gives it a queue of them.',
    permission: 'session:create',
    body: sessionInputSchema,
    ignoredKeys: ['_suppressCreatedEvent'],
    answer: created(sessionViewSchema, (session) => `/api/sessions/${session.id}`),
    errors: ['ALREADY_EXISTS'],
    handle: ({ call, body: { taskId, ...input } }, { sessions }) =>
      sessions.create(call, { ...input, taskIds: input.taskIds ?? (taskId === undefined ? [] : [taskId]) }),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id',
    summary: 'Gives one session with the newest 20 entries of its logs.',
    permission: 'session:read',
    params: idParams,
    answer: entity(sessionViewSchema),
    handle: ({ call, params }, { sessions }) => sessions.get(call, params.id),
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/sessions/:id',
    summary: 'Changes a session, and appends to its timeline and events.',
    permission: 'session:update',
    params: idParams,
    body: sessionPatchSchema,
    ignoredKeys: ['completedAt', 'startedAt', 'needsInput.source'],
    answer: entity(sessionViewSchema),
    errors: ['INVALID_TRANSITION', 'PRECONDITION_FAILED'],
    handle: ({ call, params, body }, { sessions }) => sessions.update(call, params.id, body),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/sessions/:id',
    summary: 'Deletes a session with its queue; documents about a task stay with the task.',
    permission: 'session:delete',
    params: idParams,
    answer: json(deletedSchema),
    errors: ['PRECONDITION_FAILED'],
    handle: ({ call, params }, { sessions }) => sessions.remove(call, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/timeline',
    summary: 'Pages the whole timeline of a session, oldest first.',
    permission: 'session:read',
    params: idParams,
    answer: page(timelineEntrySchema, { envelope: 'always' }),
    handle: ({ call, params, page }, { sessionLogs }) => sessionLogs.timeline(call, params.id, page),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/timeline',
    summary: "Reports to a session's timeline; `needs_input` asks for a person.",
    permission: 'session:update',
    params: idParams,
    body: z.object({
      message: timelineEntrySchema.shape.message.unwrap().min(1),
      type: timelineEntrySchema.shape.type.default('progress'),
      taskId: idSchema.optional(),
      metadata: timelineEntrySchema.shape.metadata,
    }),
    answer: entity(sessionViewSchema),
    handle: ({ call, params, body }, { sessionLogs }) => sessionLogs.report(call, params.id, body),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/events',
    summary: "Pages everything that a session's tools noticed, oldest first.",
    permission: 'session:read',
    params: idParams,
    answer: page(sessionActivitySchema, { envelope: 'always' }),
    handle: ({ call, params, page }, { sessionLogs }) => sessionLogs.activity(call, params.id, page),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/events',
    summary: "Notes what a session's tools noticed, as a file that changed.",
    permission: 'session:update',
    params: idParams,
    body: z.object({ type: sessionActivitySchema.shape.type, data: z.unknown().optional() }),
    answer: entity(sessionViewSchema),
    handle: ({ call, params, body }, { sessionLogs }) => sessionLogs.recordActivity(call, params.id, body),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/docs',
    summary: 'Lists the documents of a session with their content, oldest first.',
    permission: 'session:read',
    params: idParams,
    answer: page(documentEntrySchema),
    handle: ({ call, params, page }, { sessionLogs }) =>
      sessionLogs.documentsOfSession(call, params.id, page),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/docs',
    summary: 'Adds a document to a session.',
    permission: 'session:update',
    params: idParams,
    body: documentInputSchema.extend({ taskId: idSchema.optional() }),
    ignoredKeys: ['kind'],
    bodyLimits: largeBodyLimits,
    answer: entity(sessionViewSchema),
    handle: ({ call, params, body }, { sessionLogs }) => sessionLogs.addDocument(call, params.id, body),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/tasks/:taskId',
    summary: 'Links a task to a session; a second time changes nothing.',
    permission: 'session:link',
    params: taskLinkParams,
    answer: entity(sessionViewSchema),
    handle: ({ call, params }, { sessions }) => sessions.addTask(call, params.id, params.taskId),
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/sessions/:id/tasks/:taskId',
    summary: 'Undoes the link of a task to a session; a second time changes nothing.',
    permission: 'session:link',
    params: taskLinkParams,
    answer: entity(sessionViewSchema),
    handle: ({ call, params }, { sessions }) => sessions.removeTask(call, params.id, params.taskId),
  }),
];

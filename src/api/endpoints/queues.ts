import { z } from 'zod';
import { idSchema } from '../../domain/values/id.ts';
import { queueItemSchema, queueSchema, queueStatsSchema } from '../../domain/work/queue.ts';
import { json } from '../answer.ts';
import { endpoint } from '../endpoint.ts';
import { wholeNumber } from '../query-values.ts';

const idParams = { id: idSchema };
/** Names the task whose item is meant, so that a retry does not end the item of another. */
const itemBody = z.object({ taskId: idSchema.optional() });
const nextItemFields = {
  success: z.literal(true),
  nextItem: queueItemSchema.nullable(),
  hasMore: z.boolean(),
  message: z.string(),
};

/** The endpoints of queues. */
export const queueEndpoints = [
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/queue',
    summary: 'Gives the queue of a session and the counts of its items.',
    permission: 'queue:read',
    params: idParams,
    answer: json(z.object({ queue: queueSchema, stats: queueStatsSchema })),
    handle: ({ call, params }, { queues }) => queues.get(call, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/queue/top',
    summary: 'Gives the first queued item without starting it.',
    permission: 'queue:read',
    params: idParams,
    answer: json(
      z.object({ hasMore: z.boolean(), item: queueItemSchema.nullable(), message: z.string().optional() }),
    ),
    handle: ({ call, params }, { queues }) => queues.top(call, params.id),
  }),
  endpoint({
    method: 'GET',
    path: '/api/sessions/:id/queue/items',
    summary: 'Gives the items of a queue and their counts.',
    permission: 'queue:read',
    params: idParams,
    answer: json(z.object({ items: z.array(queueItemSchema), stats: queueStatsSchema })),
    handle: ({ call, params }, { queues }) => queues.items(call, params.id),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/queue/start',
    summary: 'Starts the first queued item, waiting up to `wait` seconds for one.',
    permission: 'queue:work',
    params: idParams,
    query: { wait: wholeNumber(0, 60).optional() },
    answer: json(
      z.object({
        success: z.literal(true),
        item: queueItemSchema.nullable(),
        empty: z.literal(true).optional(),
        message: z.string(),
      }),
    ),
    errors: ['QUEUE_BUSY', 'SESSION_ENDED'],
    handle: ({ call, params, query }, { queues }) => queues.start(call, params.id, query.wait ?? 0),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/queue/complete',
    summary: 'Completes the item being processed.',
    permission: 'queue:work',
    params: idParams,
    body: itemBody,
    answer: json(z.object({ ...nextItemFields, completedItem: queueItemSchema })),
    errors: ['QUEUE_IDLE', 'CONFLICT', 'SESSION_ENDED'],
    handle: ({ call, params, body }, { queues }) => queues.complete(call, params.id, body.taskId),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/queue/fail',
    summary: 'Fails the item being processed, for a reason.',
    permission: 'queue:work',
    params: idParams,
    body: itemBody.extend({
      reason: queueItemSchema.shape.failReason,
      retry: z
        .boolean()
        .optional()
        .meta({ description: 'False when nobody is to try again: the task is blocked, rather than todo.' }),
    }),
    answer: json(z.object({ ...nextItemFields, failedItem: queueItemSchema })),
    errors: ['QUEUE_IDLE', 'CONFLICT', 'SESSION_ENDED'],
    handle: ({ call, params, body }, { queues }) => queues.fail(call, params.id, body),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/queue/skip',
    summary: 'Skips the item being processed, else the first queued one.',
    permission: 'queue:work',
    params: idParams,
    body: itemBody,
    answer: json(z.object({ ...nextItemFields, skippedItem: queueItemSchema })),
    errors: ['QUEUE_EMPTY', 'CONFLICT', 'SESSION_ENDED'],
    handle: ({ call, params, body }, { queues }) => queues.skip(call, params.id, body.taskId),
  }),
  endpoint({
    method: 'POST',
    path: '/api/sessions/:id/queue/push',
    summary: 'Adds a task at the end of the queue, and links it to the session.',
    permission: 'queue:work',
    params: idParams,
    body: z.object({ taskId: idSchema }),
    answer: json(z.object({ success: z.literal(true), item: queueItemSchema })),
    errors: ['ALREADY_QUEUED', 'SESSION_ENDED'],
    handle: ({ call, params, body }, { queues }) => queues.push(call, params.id, body.taskId),
  }),
];

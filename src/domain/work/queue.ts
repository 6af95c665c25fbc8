import { z } from 'zod';
import { AppError } from '../errors.ts';
import { instantSchema, versionSchema } from '../values/field-schemas.ts';
import { idSchema } from '../values/id.ts';
import { type DeepReadonly, omitUndefined } from '../values/immutable.ts';

/** How many items a queue holds at most. */
const maxQueueItems = 10_000;

/** The status of an item in a queue. */
const itemStatusSchema = z.enum(['queued', 'processing', 'completed', 'failed', 'skipped']);

/** One task in the queue of a session. */
export const queueItemSchema = z
  .object({
    taskId: idSchema,
    status: itemStatusSchema,
    addedAt: instantSchema,
    startedAt: instantSchema.optional(),
    completedAt: instantSchema.optional(),
    failReason: z.string().max(100_000).optional(),
  })
  .meta({ id: 'QueueItem', description: 'One task in the queue of a session.' });

/** The tasks of a session in order; at most one of them is being processed. */
export const queueSchema = z
  .object({
    sessionId: idSchema,
    projectId: idSchema,
    strategy: z.literal('queue'),
    items: z.array(queueItemSchema).max(maxQueueItems),
    currentIndex: z
      .int()
      .min(-1)
      .meta({ description: 'Index of the item being processed; -1 when there is none.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    version: versionSchema,
  })
  .meta({ id: 'Queue', description: 'The tasks of a session in order; at most one is being processed.' });

/** The number of items, in total and in each status. */
export const queueStatsSchema = z
  .object({
    total: z.int(),
    queued: z.int(),
    processing: z.int(),
    completed: z.int(),
    failed: z.int(),
    skipped: z.int(),
  })
  .meta({ id: 'QueueStats', description: 'The number of items, in total and in each status.' });

export type QueueItem = DeepReadonly<z.infer<typeof queueItemSchema>>;
export type Queue = DeepReadonly<z.infer<typeof queueSchema>>;
export type QueueStats = z.infer<typeof queueStatsSchema>;
type ItemStatus = QueueItem['status'];

/** A queue after a command, and the item that the command changed. */
export interface QueueTransition {
  readonly queue: Queue;
  readonly item: QueueItem;
  readonly index: number;
}

/** A queue of the given tasks in their order, each once and all queued. */
export function createQueue(
  sessionId: string,
  projectId: string,
  taskIds: readonly string[],
  now: number,
): Queue {
  const items = [...new Set(taskIds)].map((taskId) => ({ taskId, status: 'queued' as const, addedAt: now }));
  return {
    sessionId,
    projectId,
    strategy: 'queue',
    items,
    currentIndex: -1,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

/** The item being processed, undefined when there is none. */
function processingItem(queue: Queue): QueueItem | undefined {
  return queue.items[queue.currentIndex];
}

/** The first queued item, undefined when none is left. */
export function nextItem(queue: Queue): QueueItem | undefined {
  return queue.items.find((item) => item.status === 'queued');
}

/** Starts the first queued item; undefined when there is none. Throws QUEUE_BUSY while an item is being processed. */
export function startNextItem(queue: Queue, now: number): QueueTransition | undefined {
  const current = processingItem(queue);
  if (current !== undefined) {
    throw new AppError(
      'QUEUE_BUSY',
      `Task ${current.taskId} is being processed; complete, fail or skip it first.`,
      {
        item: current,
      },
    );
  }
  const index = queue.items.findIndex((item) => item.status === 'queued');
  if (index < 0) return undefined;
  return transitionItem(queue, index, { status: 'processing', startedAt: now }, index, now);
}

/**
 * Ends the item being processed. Throws QUEUE_IDLE when there is none, and CONFLICT when it is not that of `taskId`,
 * where that is given.
 */
export function finishCurrentItem(
  queue: Queue,
  status: 'completed' | 'failed',
  failReason: string | undefined,
  now: number,
  taskId?: string,
): QueueTransition {
  const current = processingItem(queue);
  if (current === undefined) {
    throw new AppError('QUEUE_IDLE', 'No item of this queue is being processed; start one first.');
  }
  assertItemOf(current, taskId);
  return transitionItem(queue, queue.currentIndex, { status, completedAt: now, failReason }, -1, now);
}

/**
 * Skips the item being processed, or else the first queued one. Throws QUEUE_EMPTY when there is neither, and CONFLICT
 * when it is not that of `taskId`, where that is given.
 */
export function skipCurrentOrNextItem(queue: Queue, now: number, taskId?: string): QueueTransition {
  const index =
    queue.currentIndex >= 0 ? queue.currentIndex : queue.items.findIndex((i) => i.status === 'queued');
  const item = queue.items[index];
  if (item === undefined) throw new AppError('QUEUE_EMPTY', 'No item of this queue is left to skip.');
  assertItemOf(item, taskId);
  return transitionItem(queue, index, { status: 'skipped', completedAt: now }, -1, now);
}

/** Skips the item of a task that is queued or being processed; undefined when there is none. */
export function skipTask(
  queue: Queue,
  taskId: string,
  reason: string,
  now: number,
): QueueTransition | undefined {
  const index = queue.items.findIndex((item) => item.taskId === taskId && isOpen(item.status));
  if (index < 0) return undefined;
  const current = index === queue.currentIndex ? -1 : queue.currentIndex;
  return transitionItem(
    queue,
    index,
    { status: 'skipped', completedAt: now, failReason: reason },
    current,
    now,
  );
}

/**
 * Adds a task at the end. Throws ALREADY_QUEUED while it is queued or being processed, and CONFLICT when the queue is
 * full.
 */
export function pushTask(queue: Queue, taskId: string, now: number): QueueTransition {
  const existing = queue.items.find((item) => item.taskId === taskId && isOpen(item.status));
  if (existing !== undefined) {
    throw new AppError('ALREADY_QUEUED', `Task ${taskId} is ${existing.status} in this queue.`, {
      item: existing,
    });
  }
  if (queue.items.length >= maxQueueItems) {
    throw new AppError('CONFLICT', `A queue holds at most ${maxQueueItems} items.`);
  }
  const item = { taskId, status: 'queued' as const, addedAt: now };
  const items = [...queue.items, item];
  return { queue: { ...queue, items, updatedAt: now }, item, index: items.length - 1 };
}

/** Counts the items, in total and in each status. */
export function queueStats(queue: Queue): QueueStats {
  const stats = { total: queue.items.length, queued: 0, processing: 0, completed: 0, failed: 0, skipped: 0 };
  for (const item of queue.items) stats[item.status] += 1;
  return stats;
}

function assertItemOf(item: QueueItem, taskId: string | undefined): void {
  if (taskId === undefined || item.taskId === taskId) return;
  throw new AppError(
    'CONFLICT',
    `The item at hand is that of task ${item.taskId}, not of ${taskId}: that one has ended, or has not begun.`,
    { item },
  );
}

function isOpen(status: ItemStatus): boolean {
  return status === 'queued' || status === 'processing';
}

/** The queue with changes to one item, which is being processed afterwards if its index is `currentIndex`. */
export function transitionItem(
  queue: Queue,
  index: number,
  changes: { [Key in keyof QueueItem]?: QueueItem[Key] | undefined },
  currentIndex: number,
  now: number,
): QueueTransition {
  const before = queue.items[index];
  if (before === undefined) throw new RangeError(`no item ${index} in queue ${queue.sessionId}`);
  const item = omitUndefined({ ...before, ...changes }) as QueueItem;
  return {
    queue: { ...queue, items: queue.items.with(index, item), currentIndex, updatedAt: now },
    item,
    index,
  };
}

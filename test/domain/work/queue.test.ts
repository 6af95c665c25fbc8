import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../src/domain/errors.ts';
import {
  createQueue,
  finishCurrentItem,
  nextItem,
  pushTask,
  type Queue,
  type QueueItem,
  type QueueTransition,
  queueItemSchema,
  queueStats,
  skipCurrentOrNextItem,
  skipTask,
  startNextItem,
} from '../../../src/domain/work/queue.ts';

const now = 9;
type ItemStatus = QueueItem['status'];
const itemStatuses = queueItemSchema.shape.status.options;
/** What a queue of one item can be like: without it, or with it in any status. */
const states = ['empty', ...itemStatuses] as const;
type State = (typeof states)[number];

const commands = {
  start: (queue) => startNextItem(queue, now),
  complete: (queue) => finishCurrentItem(queue, 'completed', undefined, now),
  fail: (queue) => finishCurrentItem(queue, 'failed', 'Clouds.', now),
  skip: (queue) => skipCurrentOrNextItem(queue, now),
  'skip the task': (queue) => skipTask(queue, 'task_1', 'It is gone.', now),
  'push the task': (queue) => pushTask(queue, 'task_1', now),
} as const satisfies Record<string, (queue: Queue) => QueueTransition | undefined>;

type CommandName = keyof typeof commands;
const commandNames = Object.keys(commands) as CommandName[];

const started = { status: 'processing', startedAt: now } as const;
const completed = { status: 'completed', completedAt: now } as const;
const failed = { status: 'failed', completedAt: now, failReason: 'Clouds.' } as const;
const skipped = { status: 'skipped', completedAt: now } as const;
const lost = { ...skipped, failReason: 'It is gone.' } as const;
/** The task is added once more, at the end. */
const added = { status: 'queued', addedAt: now } as const;

const ended = {
  start: 'nothing',
  complete: 'QUEUE_IDLE',
  fail: 'QUEUE_IDLE',
  skip: 'QUEUE_EMPTY',
  'skip the task': 'nothing',
  'push the task': added,
} as const;

/** What the command of a column makes of the item in the state of a row, or with which error it is refused. */
const transitions: Readonly<
  Record<State, Readonly<Record<CommandName, Partial<QueueItem> | ErrorCode | 'nothing'>>>
> = {
  empty: ended,
  queued: {
    start: started,
    complete: 'QUEUE_IDLE',
    fail: 'QUEUE_IDLE',
    skip: skipped,
    'skip the task': lost,
    'push the task': 'ALREADY_QUEUED',
  },
  processing: {
    start: 'QUEUE_BUSY',
    complete: completed,
    fail: failed,
    skip: skipped,
    'skip the task': lost,
    'push the task': 'ALREADY_QUEUED',
  },
  completed: ended,
  failed: ended,
  skipped: ended,
};

const itemsByStatus: Readonly<Record<ItemStatus, QueueItem>> = {
  queued: { taskId: 'task_1', status: 'queued', addedAt: 1 },
  processing: { taskId: 'task_1', status: 'processing', addedAt: 1, startedAt: 2 },
  completed: { taskId: 'task_1', status: 'completed', addedAt: 1, startedAt: 2, completedAt: 3 },
  failed: {
    taskId: 'task_1',
    status: 'failed',
    addedAt: 1,
    startedAt: 2,
    completedAt: 3,
    failReason: 'Rain.',
  },
  skipped: { taskId: 'task_1', status: 'skipped', addedAt: 1, completedAt: 3 },
};

/** A queue of these items, with the index of the one being processed. */
function queueOf(items: readonly QueueItem[]): Queue {
  const currentIndex = items.findIndex((item) => item.status === 'processing');
  return { ...createQueue('sess_1', 'proj_p', [], 0), items, currentIndex };
}

describe.each(states)('a queue whose only item is %s', (state) => {
  it.each(commandNames)('[QU5] [QU6] [QU7] [QU10] asked to %s', (name) => {
    const item = state === 'empty' ? undefined : itemsByStatus[state];
    const queue = queueOf(item === undefined ? [] : [item]);
    const before = structuredClone(queue);
    const expected = transitions[state][name];
    if (expected === 'nothing') {
      expect(commands[name](queue)).toBeUndefined();
    } else if (typeof expected === 'string') {
      expect(() => commands[name](queue)).toThrow(expect.objectContaining({ code: expected }));
    } else {
      const step = commands[name](queue);
      const isNew = expected === added;
      const after = isNew ? { taskId: 'task_1', ...added } : { ...item, ...expected };
      const items = isNew ? [...queue.items, after] : [after];
      const currentIndex = expected === started ? 0 : -1;
      expect(step).toStrictEqual({
        queue: { ...queue, items, currentIndex, updatedAt: now },
        item: after,
        index: items.length - 1,
      });
    }
    expect(queue).toStrictEqual(before);
  });
});

describe('a queue of several items', () => {
  const [done, busy, first, second] = ['task_d', 'task_b', 'task_1', 'task_2'].map((taskId, i) => ({
    ...itemsByStatus[(['completed', 'processing', 'queued', 'queued'] as const)[i] ?? 'queued'],
    taskId,
  })) as [QueueItem, QueueItem, QueueItem, QueueItem];

  it('[QU5] starts the first that is queued, and names the one being processed when it is refused', () => {
    expect(startNextItem(queueOf([done, first, second]), now)).toMatchObject({
      index: 1,
      item: { taskId: 'task_1' },
    });
    const queue = queueOf([done, busy, first]);
    expect(detailsOf(() => startNextItem(queue, now))).toEqual({ item: busy });
    expect(nextItem(queue)).toBe(first);
  });

  it('[QU6] skips the one being processed before any that is queued', () => {
    const skip = skipCurrentOrNextItem(queueOf([first, busy]), now);
    expect(skip).toMatchObject({ index: 1, item: { taskId: 'task_b' }, queue: { currentIndex: -1 } });
    expect(skipCurrentOrNextItem(skip.queue, now)).toMatchObject({ index: 0, item: { taskId: 'task_1' } });
  });

  it('[QU10] goes on with the one being processed when another task is lost', () => {
    const step = skipTask(queueOf([busy, first, second]), 'task_1', 'It is gone.', now);
    expect(step).toMatchObject({
      index: 1,
      queue: { currentIndex: 0, items: [busy, { ...first, ...lost }, second] },
    });
  });

  it('[QU7] names the item for which a task is refused, and takes no more than 10,000 items', () => {
    expect(detailsOf(() => pushTask(queueOf([first, busy]), 'task_b', now))).toEqual({ item: busy });
    const ids = Array.from({ length: 10_000 }, (_, i) => `task_${i}`);
    const full = pushTask(createQueue('sess_1', 'proj_p', ids.slice(1), 0), ids[0] ?? '', now).queue;
    expect(() => pushTask(full, 'task_more', now)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
  });

  it('[QU1] begins with each of its tasks once, all queued, in their order', () => {
    const { items, currentIndex } = createQueue('sess_1', 'proj_p', ['task_2', 'task_1', 'task_2'], 4);
    expect(items).toEqual([
      { taskId: 'task_2', status: 'queued', addedAt: 4 },
      { taskId: 'task_1', status: 'queued', addedAt: 4 },
    ]);
    expect(currentIndex).toBe(-1);
  });

  it.each(itemStatuses)('[QU4] counts what is %s', (status) => {
    const none = Object.fromEntries(itemStatuses.map((one) => [one, 0]));
    const items = [itemsByStatus[status], itemsByStatus[status]];
    expect(queueStats(queueOf(items))).toEqual({ ...none, [status]: 2, total: 2 });
  });
});

/** The details of the error that a command is refused with. */
function detailsOf(command: () => unknown): AppError['details'] {
  try {
    command();
  } catch (error) {
    if (error instanceof AppError) return error.details;
    throw error;
  }
  throw new Error('The command was not refused.');
}

import { streamOfProject } from '../../domain/channel.ts';
import { notFoundError, validationError } from '../../domain/errors.ts';
import {
  finishCurrentItem,
  nextItem,
  type Queue,
  type QueueItem,
  type QueueStats,
  queueStats,
  skipCurrentOrNextItem,
  skipTask,
  startNextItem,
} from '../../domain/work/queue.ts';
import type { Session } from '../../domain/work/session.ts';
import type { TaskSessionStatus } from '../../domain/work/task.ts';
import type { TimelineType } from '../../domain/work/timeline.ts';
import type { ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { EventRecord } from '../store/store.ts';
import { requireReportingSession, requireWritableSession } from './session-access.ts';
import { enqueueTask, recordProgress } from './task-session-links.ts';
import { runUnit, type UnitOfWork } from './unit-of-work.ts';

/** A queue and the counts of its items. */
export interface QueueView {
  readonly queue: Queue;
  readonly stats: QueueStats;
}

/** What came of a start: an item, or that none is left. */
export type StartResult =
  | { readonly success: true; readonly item: QueueItem; readonly message: string }
  | { readonly success: true; readonly item: null; readonly empty: true; readonly message: string };

/** What is next once an item ended. */
interface AdvanceResult {
  readonly success: true;
  readonly nextItem: QueueItem | null;
  readonly hasMore: boolean;
  readonly message: string;
}

/** What may be done with the queue of a session. */
export class QueueService {
  readonly #open: ActorStoreFactory;
  readonly #bus: EventBus;

  constructor(open: ActorStoreFactory, bus: EventBus) {
    this.#open = open;
    this.#bus = bus;
  }

  /** The whole queue. Throws NOT_FOUND, VALIDATION_ERROR for a session without one. */
  get(call: Call, sessionId: string): Promise<QueueView> {
    return this.#open(call).read(async (reader) => {
      const queue = await queueOf(reader, await reader.sessions.require(sessionId));
      return { queue, stats: queueStats(queue) };
    });
  }

  /** The first queued item, without starting it. */
  async top(call: Call, sessionId: string) {
    const item = nextItem((await this.get(call, sessionId)).queue);
    return item === undefined
      ? { hasMore: false as const, item: null, message: 'No item is queued.' }
      : { hasMore: true as const, item };
  }

  /** The items and their counts. */
  async items(call: Call, sessionId: string) {
    const { queue, stats } = await this.get(call, sessionId);
    return { items: queue.items, stats };
  }

  /**
   * Starts the first queued item; items whose task is gone are skipped. When none is left it waits up to `wait`
   * seconds for one. Throws QUEUE_BUSY while an item is being processed.
   */
  async start(call: Call, sessionId: string, wait: number): Promise<StartResult> {
    const deadline = Date.now() + wait * 1000;
    const first = await this.#startNow(call, sessionId);
    if (first.item !== null || wait === 0) return first;
    const { projectId } = await this.#open(call).read((reader) => reader.sessions.require(sessionId));
    for (;;) {
      const left = Math.max(0, deadline - Date.now());
      const pushed = this.#bus.watch([streamOfProject(projectId)], left, call.signal, (event) =>
        endsWait(event, sessionId),
      );
      try {
        // The watch begins before the look, so that nothing is pushed between them unseen.
        const answer = await this.#startNow(call, sessionId);
        if (answer.item !== null || !(await pushed.arrived)) return answer;
      } finally {
        pushed.cancel();
      }
    }
  }

  /** Completes the item being processed. Throws QUEUE_IDLE. */
  complete(call: Call, sessionId: string): Promise<AdvanceResult & { readonly completedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = finishCurrentItem(queue, 'completed', undefined, unit.now);
      await unit.saveQueueTransition('queue:item_completed', step);
      await recordOutcome(unit, sessionId, step.item, 'completed', 'task_completed', 'Completed');
      return { ...advanceResult(step.queue, 'The item is completed.'), completedItem: step.item };
    });
  }

  /** Fails the item being processed, for a reason. Throws QUEUE_IDLE. */
  fail(
    call: Call,
    sessionId: string,
    reason: string | undefined,
  ): Promise<AdvanceResult & { readonly failedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = finishCurrentItem(queue, 'failed', reason, unit.now);
      await unit.saveQueueTransition('queue:item_failed', step, reason);
      await recordOutcome(unit, sessionId, step.item, 'failed', 'task_failed', 'Failed', reason);
      return { ...advanceResult(step.queue, 'The item failed.'), failedItem: step.item };
    });
  }

  /** Skips the item being processed, else the first queued one. Throws QUEUE_EMPTY. */
  skip(call: Call, sessionId: string): Promise<AdvanceResult & { readonly skippedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = skipCurrentOrNextItem(queue, unit.now);
      await unit.saveQueueTransition('queue:item_skipped', step);
      await recordOutcome(unit, sessionId, step.item, 'skipped', 'task_skipped', 'Skipped');
      return { ...advanceResult(step.queue, 'The item is skipped.'), skippedItem: step.item };
    });
  }

  /** Adds a task at the end and links it. Throws NOT_FOUND, ALREADY_QUEUED. */
  push(call: Call, sessionId: string, taskId: string): Promise<{ success: true; item: QueueItem }> {
    const work = async (unit: UnitOfWork) => {
      const { item } = await enqueueTask(unit, await unit.session(sessionId), taskId);
      return { success: true, item } as const;
    };
    return this.#withQueue(call, sessionId, work, requireWritableSession);
  }

  #startNow(call: Call, sessionId: string): Promise<StartResult> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const current = await skipDeletedTasks(unit, queue);
      const step = startNextItem(current, unit.now);
      if (step === undefined)
        return { success: true, item: null, empty: true, message: 'No item is queued.' };
      await unit.saveQueueTransition('queue:item_started', step);
      await recordOutcome(unit, sessionId, step.item, 'working', 'task_started', 'Started');
      return { success: true, item: step.item, message: 'The item is being processed.' };
    });
  }

  #withQueue<T>(
    call: Call,
    sessionId: string,
    work: (unit: UnitOfWork, queue: Queue) => Promise<T>,
    enter = requireReportingSession,
  ): Promise<T> {
    return runUnit(this.#open(call), async (unit) => {
      const session = await enter(call, unit, sessionId);
      return work(unit, await queueOf(unit.tx, session));
    });
  }
}

/** A new item ends the wait, and so does the end of the queue: the next look then answers that it is gone. */
function endsWait(event: EventRecord, sessionId: string): boolean {
  const about = event.name === 'queue:item_pushed' || event.name === 'queue:deleted';
  return about && event.data.sessionId === sessionId;
}

async function queueOf(reader: ActorReader, session: Session): Promise<Queue> {
  const { id: sessionId } = session;
  if (session.strategy !== 'queue') {
    throw validationError(
      'strategy',
      `session ${sessionId} has strategy ${session.strategy}; only strategy queue has a queue`,
    );
  }
  const queue = await reader.queues.get(sessionId);
  if (queue === undefined) throw notFoundError('queue', sessionId);
  return queue;
}

async function skipDeletedTasks(unit: UnitOfWork, queue: Queue): Promise<Queue> {
  let current = queue;
  for (let item = nextItem(current); item !== undefined; item = nextItem(current)) {
    if ((await unit.findTask(item.taskId)) !== undefined) break;
    const step = skipTask(current, item.taskId, 'The task does not exist any more.', unit.now);
    if (step === undefined) break;
    current = await unit.saveQueueTransition('queue:item_skipped', step);
  }
  return current;
}

/** Notes in the task's map and in the session's timeline what became of an item. */
async function recordOutcome(
  unit: UnitOfWork,
  sessionId: string,
  item: QueueItem,
  progress: TaskSessionStatus,
  type: TimelineType,
  verb: string,
  reason?: string,
): Promise<void> {
  const { taskId } = item;
  const task = await unit.findTask(taskId);
  if (task === undefined) return;
  await recordProgress(unit, sessionId, taskId, progress);
  await unit.addTimelineEntry(sessionId, {
    type,
    taskId,
    message: `${verb}: ${task.title}${reason ? ` (${reason})` : ''}`,
  });
}

function advanceResult(queue: Queue, message: string): AdvanceResult {
  const item = nextItem(queue);
  return { success: true, nextItem: item ?? null, hasMore: item !== undefined, message };
}

import { streamOfProject } from '../../domain/channel.ts';
import {
  finishCurrentItem,
  nextItem,
  type Queue,
  type QueueItem,
  type QueueStats,
  queueStats,
  skipCurrentOrNextItem,
  startNextItem,
} from '../../domain/work/queue.ts';
import { isTerminalStatus } from '../../domain/work/session.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { EventRecord } from '../store/store.ts';
import { assertInReach } from './orchestrator-reach.ts';
import { assertNotEnded, queueOf, saveItemOutcome, skipDeletedTasks } from './queue-steps.ts';
import { requireReportingSession, requireWritableSession } from './session-access.ts';
import { enqueueTask } from './task-session-links.ts';
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

/** How an item failed. */
export interface FailedItem {
  readonly reason?: string | undefined;
  /** False when nobody is to try the task again; true where not said. */
  readonly retry?: boolean | undefined;
  readonly taskId?: string | undefined;
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

  /** Completes the item being processed, that of `taskId` where given. Throws QUEUE_IDLE, CONFLICT, SESSION_ENDED. */
  complete(
    call: Call,
    sessionId: string,
    taskId?: string,
  ): Promise<AdvanceResult & { readonly completedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = finishCurrentItem(queue, 'completed', undefined, unit.now, taskId);
      await unit.saveQueueTransition('queue:item_completed', step);
      await saveItemOutcome(unit, sessionId, step.item, 'completed', 'task_completed', 'Completed');
      return { ...advanceResult(step.queue, 'The item is completed.'), completedItem: step.item };
    });
  }

  /**
   * Fails the item being processed, that of `taskId` where given; with `retry` false nobody is to try the task again.
   * Throws QUEUE_IDLE, CONFLICT, SESSION_ENDED.
   */
  fail(
    call: Call,
    sessionId: string,
    { reason, retry = true, taskId }: FailedItem,
  ): Promise<AdvanceResult & { readonly failedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = finishCurrentItem(queue, 'failed', reason, unit.now, taskId);
      await unit.saveQueueTransition('queue:item_failed', step, reason);
      await saveItemOutcome(unit, sessionId, step.item, 'failed', 'task_failed', 'Failed', {
        reason,
        isFinal: !retry,
      });
      return { ...advanceResult(step.queue, 'The item failed.'), failedItem: step.item };
    });
  }

  /** Skips the item being processed, else the first queued one. Throws QUEUE_EMPTY, CONFLICT, SESSION_ENDED. */
  skip(
    call: Call,
    sessionId: string,
    taskId?: string,
  ): Promise<AdvanceResult & { readonly skippedItem: QueueItem }> {
    return this.#withQueue(call, sessionId, async (unit, queue) => {
      const step = skipCurrentOrNextItem(queue, unit.now, taskId);
      await unit.saveQueueTransition('queue:item_skipped', step);
      await saveItemOutcome(unit, sessionId, step.item, 'skipped', 'task_skipped', 'Skipped');
      return { ...advanceResult(step.queue, 'The item is skipped.'), skippedItem: step.item };
    });
  }

  /** Adds a task at the end and links it. Throws NOT_FOUND, ALREADY_QUEUED, SESSION_ENDED. */
  push(call: Call, sessionId: string, taskId: string): Promise<{ success: true; item: QueueItem }> {
    const work = async (unit: UnitOfWork) => {
      await assertInReach(unit.tx, call, await unit.task(taskId), 'own and below');
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
      await saveItemOutcome(unit, sessionId, step.item, 'working', 'task_started', 'Started');
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
      assertNotEnded(session);
      return work(unit, await queueOf(unit.tx, session));
    });
  }
}

/** A new item ends the wait, and so does the end of the queue: the next look then answers that it is gone. */
function endsWait(event: EventRecord, sessionId: string): boolean {
  if (event.name === 'session:updated') {
    return event.data.id === sessionId && isTerminalStatus(event.data.status);
  }
  const concernsQueue = event.name === 'queue:item_pushed' || event.name === 'queue:deleted';
  return concernsQueue && event.data.sessionId === sessionId;
}

function advanceResult(queue: Queue, message: string): AdvanceResult {
  const item = nextItem(queue);
  return { success: true, nextItem: item ?? null, hasMore: item !== undefined, message };
}

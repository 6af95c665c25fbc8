import { AppError, notFoundError, validationError } from '../../domain/errors.ts';
import { nextItem, type Queue, type QueueItem, skipTask } from '../../domain/work/queue.ts';
import { isTerminalStatus, type Session } from '../../domain/work/session.ts';
import type { TaskSessionStatus } from '../../domain/work/task.ts';
import type { TimelineType } from '../../domain/work/timeline.ts';
import type { ActorReader } from '../access/actor-store.ts';
import { saveProgress } from './task-session-links.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The queue of a session. Throws VALIDATION_ERROR for a session without one, NOT_FOUND. */
export async function queueOf(reader: ActorReader, session: Session): Promise<Queue> {
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

/** Throws SESSION_ENDED for a session that has ended. */
export function assertNotEnded({ id, status }: Session): void {
  if (!isTerminalStatus(status)) return;
  throw new AppError(
    'SESSION_ENDED',
    `Session ${id} is ${status}, so its queue takes nothing and gives nothing. Set its status to working to resume it, or use another session.`,
    { sessionId: id, status },
  );
}

/** Skips the first queued items while their tasks no longer exist, and returns the queue after that. */
export async function skipDeletedTasks(unit: UnitOfWork, queue: Queue): Promise<Queue> {
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
export async function saveItemOutcome(
  unit: UnitOfWork,
  sessionId: string,
  item: QueueItem,
  progress: TaskSessionStatus,
  type: TimelineType,
  verb: string,
  outcome: { readonly reason?: string | undefined; readonly isFinal?: boolean } = {},
): Promise<void> {
  const { reason } = outcome;
  const { taskId } = item;
  const task = await unit.findTask(taskId);
  if (task === undefined) return;
  await saveProgress(unit, sessionId, taskId, progress, outcome);
  await unit.addTimelineEntry(sessionId, {
    type,
    taskId,
    message: `${verb}: ${task.title}${reason ? ` (${reason})` : ''}`,
  });
}

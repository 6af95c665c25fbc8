import { completeStoppedItem, endQueue, endReason } from '../../domain/work/queue-end.ts';
import {
  changeSession,
  finalTaskSessionStatus,
  isTerminalStatus,
  type Session,
  type SessionStatus,
  sessionResult,
  transitionSession,
} from '../../domain/work/session.ts';
import { saveProgress } from './task-session-links.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/**
 * Moves a session, and all that follows from its status: its queue, its progress with its tasks, the status of these,
 * and what it came to. Throws INVALID_TRANSITION.
 */
export async function applySessionTransition(
  unit: UnitOfWork,
  id: string,
  status: SessionStatus,
): Promise<void> {
  const before = await unit.session(id);
  const after = transitionSession(before, status, unit.now);
  unit.putSession(after);
  if (after === before || !isTerminalStatus(after.status)) return;
  if (before.status === 'stopped') await reviseStop(unit, before, after.status);
  else await endWork(unit, after);
  const tasks = await Promise.all(after.taskIds.map((taskId) => unit.task(taskId)));
  const result = sessionResult(tasks.map((task) => task.taskSessionStatuses[id]));
  unit.putSession(changeSession(await unit.session(id), { result }, unit.now));
}

/** Ends what is open: the items of the queue, then the progress with every task. */
async function endWork(unit: UnitOfWork, { id, status, strategy, taskIds }: Session): Promise<void> {
  const reason = status === 'completed' ? undefined : endReason(status);
  if (strategy === 'queue') {
    const queue = await unit.tx.queues.get(id);
    const ended = queue && endQueue(queue, status, unit.now);
    if (ended !== undefined && ended.steps.length > 0) await unit.saveQueue(ended.queue, ended.steps);
    for (const { event, item } of ended?.steps ?? []) {
      if (event !== 'queue:item_skipped' || (await unit.findTask(item.taskId)) === undefined) continue;
      await saveProgress(unit, id, item.taskId, 'skipped');
    }
  }
  for (const taskId of taskIds) {
    const progress = finalTaskSessionStatus(status, (await unit.task(taskId)).taskSessionStatuses[id]);
    if (progress !== undefined) await saveProgress(unit, id, taskId, progress, { reason });
  }
}

/** A stopped session reported what it came to: what failed for the stop alone was completed after all. */
async function reviseStop(
  unit: UnitOfWork,
  { id, completedAt, taskIds }: Session,
  end: SessionStatus,
): Promise<void> {
  if (end !== 'completed' || completedAt === null) return;
  const queue = await unit.tx.queues.get(id);
  const transition = queue && completeStoppedItem(queue, completedAt, unit.now);
  if (transition) await unit.saveQueueTransition('queue:item_completed', transition);
  for (const taskId of taskIds) {
    const { taskSessionStatuses, lastFailure } = await unit.task(taskId);
    if (taskSessionStatuses[id] !== 'failed' || lastFailure?.sessionId !== id) continue;
    if (lastFailure.at === completedAt) await saveProgress(unit, id, taskId, 'completed');
  }
}

/** Moves a session that waits for its agent to working: call it when the agent has reported. */
export async function markStarted(unit: UnitOfWork, id: string): Promise<void> {
  const session = await unit.session(id);
  if (session.status === 'spawning') unit.putSession(transitionSession(session, 'working', unit.now));
}

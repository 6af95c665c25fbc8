import {
  finalTaskSessionStatus,
  isTerminalStatus,
  type SessionStatus,
  transitionSession,
} from '../../domain/work/session.ts';
import { recordProgress } from './task-session-links.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Moves the session, and at its end the progress of each of its tasks that is still open. Throws INVALID_TRANSITION. */
export async function applySessionTransition(
  unit: UnitOfWork,
  id: string,
  status: SessionStatus,
): Promise<void> {
  const before = await unit.session(id);
  const after = transitionSession(before, status, unit.now);
  unit.putSession(after);
  if (after === before || !isTerminalStatus(after.status)) return;
  for (const taskId of after.taskIds) {
    const progress = finalTaskSessionStatus(after.status, (await unit.task(taskId)).taskSessionStatuses[id]);
    if (progress !== undefined) await recordProgress(unit, id, taskId, progress);
  }
}

import { hasEnded, moveSession, type SessionStatus, taskStatusAtEnd } from '../../domain/work/session.ts';
import { noteProgress } from './task-session-links.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Moves the session, and at its end the progress of each of its tasks that is still open. Throws INVALID_TRANSITION. */
export async function moveTo(unit: UnitOfWork, id: string, status: SessionStatus): Promise<void> {
  const before = await unit.session(id);
  const after = moveSession(before, status, unit.now);
  unit.putSession(after);
  if (after === before || !hasEnded(after.status)) return;
  for (const taskId of after.taskIds) {
    const progress = taskStatusAtEnd(after.status, (await unit.task(taskId)).taskSessionStatuses[id]);
    if (progress !== undefined) await noteProgress(unit, id, taskId, progress);
  }
}

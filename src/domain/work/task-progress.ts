import { applyTaskChanges, statusTimestamps, type Task, type TaskSessionStatus } from './task.ts';
import { statusAfterReport } from './task-status-rule.ts';

/** What came of the work that a session reports on. */
export interface WorkOutcome {
  /** Whether somebody reviews the work before it counts as done; false where not said. */
  readonly needsReview?: boolean | undefined;
  /** Why it failed. */
  readonly reason?: string | undefined;
  /** Whether nobody is to try again what failed; false where not said. */
  readonly isFinal?: boolean | undefined;
}

/**
 * The task after a session reported its progress: the status follows the work, and the reason of a failure is kept until
 * the task is completed. The same value when the report changes nothing.
 */
export function reportProgress(
  task: Task,
  sessionId: string,
  progress: TaskSessionStatus,
  now: number,
  { needsReview = false, reason = 'No reason was given.', isFinal = false }: WorkOutcome = {},
): Task {
  const before = task.taskSessionStatuses[sessionId];
  if (before === progress) return task;
  const isWorkedElsewhere = Object.entries(task.taskSessionStatuses).some(
    ([id, other]) => id !== sessionId && other === 'working',
  );
  const status = statusAfterReport({
    status: task.status,
    before,
    progress,
    isWorkedElsewhere,
    needsReview,
    isFinal,
  });
  const failure = progress === 'failed' ? { reason, sessionId, at: now } : task.lastFailure;
  return applyTaskChanges(
    setTaskSessionStatus(task, sessionId, progress, now),
    {
      status,
      ...statusTimestamps(task, status, now),
      lastFailure: status === 'completed' ? undefined : failure,
    },
    now,
  );
}

/** The task with the progress of a session, or without it for undefined; the same value when nothing changes. */
export function setTaskSessionStatus(
  task: Task,
  sessionId: string,
  status: TaskSessionStatus | undefined,
  now: number,
): Task {
  const { [sessionId]: _, ...others } = task.taskSessionStatuses;
  const taskSessionStatuses =
    status === undefined ? others : { ...task.taskSessionStatuses, [sessionId]: status };
  return applyTaskChanges(task, { taskSessionStatuses }, now);
}

/** The task linked to a session; the same value when it already was. */
export function addTaskSession(task: Task, sessionId: string, now: number): Task {
  if (task.sessionIds.includes(sessionId)) return task;
  return applyTaskChanges(task, { sessionIds: [...task.sessionIds, sessionId] }, now);
}

/**
 * The task without a session and its progress; the same value when it was not linked. What the session worked at is
 * given back.
 */
export function removeTaskSession(task: Task, sessionId: string, now: number): Task {
  if (task.taskSessionStatuses[sessionId] === 'working') {
    return removeTaskSession(reportProgress(task, sessionId, 'skipped', now), sessionId, now);
  }
  const sessionIds = task.sessionIds.filter((id) => id !== sessionId);
  return setTaskSessionStatus(applyTaskChanges(task, { sessionIds }, now), sessionId, undefined, now);
}

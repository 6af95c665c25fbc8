import type { TaskSessionStatus, TaskStatus } from './task.ts';

/** What a session reports of its work at a task, and what the task was before. */
export interface WorkReport {
  readonly status: TaskStatus;
  /** How far the session was before; undefined when it had reported nothing. */
  readonly before: TaskSessionStatus | undefined;
  /** How far the session is now. */
  readonly progress: TaskSessionStatus;
  /** Whether another session works at the task too. */
  readonly isWorkedElsewhere: boolean;
  /** Whether somebody looks at the work before it counts as done. */
  readonly needsReview: boolean;
  /** Whether nobody is to try again what failed. */
  readonly isFinal: boolean;
}

/**
 * The status of a task after a report of work. Work moves a task on from `todo`, `blocked` and `in_progress` only, and
 * ends what it began: a status that a person set meanwhile stays.
 */
export function statusAfterReport(report: WorkReport): TaskStatus {
  const { status, before, progress, isWorkedElsewhere } = report;
  if (before === progress) return status;
  const isWaiting = status === 'todo' || status === 'blocked';
  if (progress === 'working') return isWaiting ? 'in_progress' : status;
  const isInWork = status === 'in_progress' && !isWorkedElsewhere;
  if (progress === 'completed') {
    // Who reports the end alone has not begun anything that a person could have taken back.
    const isDone = isInWork || (isWaiting && before !== 'working' && !isWorkedElsewhere);
    return isDone ? (report.needsReview ? 'in_review' : 'completed') : status;
  }
  if (!isInWork) return status;
  if (progress === 'failed') return report.isFinal ? 'blocked' : 'todo';
  if (progress === 'blocked') return 'blocked';
  // Skipped or queued again: given back, if it was this session's.
  return before === 'working' || before === 'blocked' ? 'todo' : status;
}

import { validationError } from '../../domain/errors.ts';
import { createQueue, pushTask, type QueueTransition, skipTask } from '../../domain/work/queue.ts';
import { changeSession, type Session } from '../../domain/work/session.ts';
import type { Task, TaskSessionStatus } from '../../domain/work/task.ts';
import {
  addTaskSession,
  removeTaskSession,
  reportProgress,
  type WorkOutcome,
} from '../../domain/work/task-progress.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Links the task and the session, on both sides; nothing happens when they are. Throws when projects differ. */
export async function linkTask(unit: UnitOfWork, sessionId: string, taskId: string): Promise<void> {
  const session = await unit.session(sessionId);
  const task = await unit.task(taskId);
  assertSameProject(session, task);
  const { projectId } = session;
  if (!session.taskIds.includes(taskId)) {
    unit.putSession(changeSession(session, { taskIds: [...session.taskIds, taskId] }, unit.now));
    await unit.addTimelineEntry(sessionId, {
      type: 'task_started',
      taskId,
      message: `Started: ${task.title}`,
    });
    unit.deferEvent('session:task_added', { sessionId, taskId, projectId });
  }
  if (!task.sessionIds.includes(sessionId)) {
    unit.putTask(addTaskSession(task, sessionId, unit.now));
    unit.deferEvent('task:session_added', { taskId, sessionId, projectId });
  }
}

/** Undoes the link on both sides, its progress and its place in the queue; nothing happens when there is none. */
export async function unlinkTask(unit: UnitOfWork, sessionId: string, taskId: string): Promise<void> {
  const session = await unit.session(sessionId);
  const task = await unit.task(taskId);
  const { projectId } = session;
  await skipQueuedTask(unit, session, taskId, 'The task was taken from the session.');
  if (session.taskIds.includes(taskId)) {
    await removeFromSession(unit, sessionId, taskId, `No longer at: ${task.title}`);
    unit.deferEvent('session:task_removed', { sessionId, taskId, projectId });
  }
  if (task.sessionIds.includes(sessionId)) {
    unit.putTask(removeTaskSession(await unit.task(taskId), sessionId, unit.now));
    unit.deferEvent('task:session_removed', { taskId, sessionId, projectId });
  }
}

/** Takes the task out of the session's list and says so in its timeline. */
export async function removeFromSession(
  unit: UnitOfWork,
  sessionId: string,
  taskId: string,
  message: string,
): Promise<void> {
  const session = await unit.session(sessionId);
  const taskIds = session.taskIds.filter((id) => id !== taskId);
  unit.putSession(changeSession(session, { taskIds }, unit.now));
  await unit.addTimelineEntry(sessionId, { type: 'task_status_changed', taskId, message });
}

/** Skips the task in the session's queue, if it waits or is processed there. */
export async function skipQueuedTask(
  unit: UnitOfWork,
  session: Session,
  taskId: string,
  reason: string,
): Promise<void> {
  const queue = await unit.tx.queues.get(session.id);
  const step = queue && skipTask(queue, taskId, reason, unit.now);
  if (step) await unit.saveQueueTransition('queue:item_skipped', step);
}

/** Gives the session a queue of its tasks, all queued. */
export async function createSessionQueue(unit: UnitOfWork, session: Session): Promise<void> {
  const queue = await unit.tx.queues.insert(
    createQueue(session.id, session.projectId, session.taskIds, unit.now),
  );
  unit.deferEvent('queue:created', { sessionId: session.id, projectId: session.projectId, queue });
  for (const taskId of session.taskIds) await saveProgress(unit, session.id, taskId, 'queued');
}

/** Adds the task at the end of the session's queue, and links it. Throws ALREADY_QUEUED. */
export async function enqueueTask(
  unit: UnitOfWork,
  session: Session,
  taskId: string,
): Promise<QueueTransition> {
  const step = pushTask(await unit.tx.queues.require(session.id), taskId, unit.now);
  await linkTask(unit, session.id, taskId);
  await unit.saveQueueTransition('queue:item_pushed', step);
  await saveProgress(unit, session.id, taskId, 'queued');
  return step;
}

/** Records the progress of the session with the task, whose status follows. */
export async function saveProgress(
  unit: UnitOfWork,
  sessionId: string,
  taskId: string,
  progress: TaskSessionStatus,
  outcome: Omit<WorkOutcome, 'needsReview'> = {},
): Promise<void> {
  const task = await unit.task(taskId);
  const needsReview = progress === 'completed' && (await isReviewed(unit, task));
  unit.putTask(reportProgress(task, sessionId, progress, unit.now, { ...outcome, needsReview }));
}

/** Throws VALIDATION_ERROR unless both belong to the same project. */
export function assertSameProject(session: { readonly projectId: string }, task: Task): void {
  if (session.projectId === task.projectId) return;
  throw validationError('taskId', `task ${task.id} belongs to another project than the session`);
}

/** Whether completed work at the task waits in review: the task says, or else its project. */
async function isReviewed(unit: UnitOfWork, task: Task): Promise<boolean> {
  return task.review ?? (await unit.tx.projects.get(task.projectId))?.review ?? false;
}

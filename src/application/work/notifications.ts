import type { Session } from '../../domain/work/session.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorTransaction } from '../access/actor-store.ts';

const taskNotifications = {
  completed: 'notify:task_completed',
  cancelled: 'notify:task_cancelled',
  in_review: 'notify:task_in_review',
  blocked: 'notify:task_blocked',
} as const;

const sessionNotifications = {
  completed: 'notify:session_completed',
  failed: 'notify:session_failed',
} as const;

/** Emits the news of each edge that lies between two states of a task. */
export function notifyTaskChange(tx: ActorTransaction, before: Task | undefined, after: Task): void {
  const { id: taskId, title, projectId, status } = after;
  const about = { taskId, title, projectId };
  if (before !== undefined && status !== before.status && status in taskNotifications) {
    tx.emit(taskNotifications[status as keyof typeof taskNotifications], about);
  }
  for (const [sessionId, progress] of Object.entries(after.taskSessionStatuses)) {
    if (before?.taskSessionStatuses[sessionId] === progress) continue;
    if (progress === 'completed') tx.emit('notify:task_session_completed', { ...about, sessionId });
    if (progress === 'failed') tx.emit('notify:task_session_failed', { ...about, sessionId });
  }
}

/** Emits the news of each edge that lies between two states of a session. */
export function notifySessionChange(tx: ActorTransaction, before: Session | undefined, after: Session): void {
  const { id: sessionId, name, projectId, status, needsInput } = after;
  const about = { sessionId, name, projectId };
  if (before !== undefined && status !== before.status && status in sessionNotifications) {
    tx.emit(sessionNotifications[status as keyof typeof sessionNotifications], about);
  }
  if (needsInput?.active && !before?.needsInput?.active) {
    const { message } = needsInput;
    tx.emit('notify:needs_input', message === undefined ? about : { ...about, message });
  }
}

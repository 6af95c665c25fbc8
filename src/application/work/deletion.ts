import type { Document } from '../../domain/work/document.ts';
import { removeTaskReferences } from '../../domain/work/task.ts';
import { removeTaskSession } from '../../domain/work/task-progress.ts';
import { collectAll } from '../store/paginate.ts';
import { removeFromSession, skipQueuedTask } from './task-session-links.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Deletes the task with all its descendants, and every mention of them, in one commit. Throws NOT_FOUND. */
export async function deleteTask(unit: UnitOfWork, id: string): Promise<void> {
  await unit.task(id);
  const doomed = [id];
  for (const parentId of doomed) {
    for (const child of await collectAll(unit.tx.tasks, { parentId })) doomed.push(child.id);
  }
  const gone = new Set(doomed);
  for (const taskId of doomed.reverse()) await deleteSingleTask(unit, taskId, gone);
}

async function deleteSingleTask(unit: UnitOfWork, id: string, gone: ReadonlySet<string>): Promise<void> {
  const task = await unit.task(id);
  const { projectId } = task;
  for (const { id: sessionId } of await collectAll(unit.tx.sessions, { taskId: id })) {
    await skipQueuedTask(unit, await unit.session(sessionId), id, 'The task was deleted.');
    await removeFromSession(unit, sessionId, id, `Deleted: ${task.title}`);
    unit.deferEvent('session:task_removed', { sessionId, taskId: id, projectId });
  }
  const mentions = [
    ...(await collectAll(unit.tx.tasks, { dependency: id })),
    ...(await collectAll(unit.tx.tasks, { reference: id })),
  ];
  for (const other of mentions) {
    if (!gone.has(other.id)) unit.putTask(removeTaskReferences(await unit.task(other.id), id, unit.now));
  }
  for (const document of await collectAll(unit.tx.documents, { taskId: id })) {
    const { taskId: _, ...rest } = document;
    if (document.sessionId === null) await deleteDocument(unit, document);
    else await unit.tx.documents.update(rest);
  }
  unit.detachTask(id);
  await unit.tx.tasks.delete(id);
  unit.deferEvent('task:deleted', { id, projectId });
}

/** Deletes the session, its queue and its logs, and every mention of it; documents about a task survive it. */
export async function deleteSession(unit: UnitOfWork, id: string): Promise<void> {
  const session = await unit.session(id);
  const { projectId } = session;
  for (const { id: taskId } of await collectAll(unit.tx.tasks, { sessionId: id })) {
    unit.putTask(removeTaskSession(await unit.task(taskId), id, unit.now));
    unit.deferEvent('task:session_removed', { taskId, sessionId: id, projectId });
  }
  if ((await unit.tx.queues.get(id)) !== undefined) {
    await unit.tx.queues.delete(id);
    unit.deferEvent('queue:deleted', { sessionId: id, projectId });
  }
  for (const document of await collectAll(unit.tx.documents, { sessionId: id })) {
    if (document.taskId === undefined) await deleteDocument(unit, document);
    else await unit.tx.documents.update({ ...document, sessionId: null });
  }
  await revokeTokens(unit, id);
  await unit.tx.timeline.drop(session);
  await unit.tx.activity.drop(session);
  unit.detachSession(id);
  await unit.tx.sessions.delete(id);
  unit.deferEvent('session:deleted', { id, projectId });
}

/** The id may be given to another session, which the tokens of this one must not reach. */
async function revokeTokens(unit: UnitOfWork, sessionId: string): Promise<void> {
  for (const token of await collectAll(unit.tx.tokens, { sessionId })) {
    if (token.revokedAt !== null) continue;
    await unit.tx.lock('workspace');
    await unit.tx.tokens.update({ ...token, revokedAt: unit.now });
  }
}

/** Deletes the document, and the log of its content once no other document lies in that. */
export async function deleteDocument(unit: UnitOfWork, document: Document): Promise<void> {
  const { content, projectId } = document;
  await unit.tx.documents.delete(document.id);
  if (content === undefined) return;
  const others = await unit.tx.documents.list({ where: { log: content.log }, limit: 1 });
  if (others.items.length === 0) await unit.tx.contents.drop({ id: content.log, projectId });
}

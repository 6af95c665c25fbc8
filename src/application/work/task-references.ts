import { AppError, listForMessage, validationError } from '../../domain/errors.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorTransaction } from '../access/actor-store.ts';
import { createStoredGraph, type TaskLinkName } from './task-graphs.ts';
import { findTaskPath } from './task-path.ts';

/**
 * Checks what the task newly says of others: they exist in its project, nothing waits for itself, and no other task
 * has its externalId. Throws VALIDATION_ERROR, DEPENDENCY_CYCLE, ALREADY_EXISTS.
 */
export async function checkReferences(
  tx: ActorTransaction,
  before: Task | undefined,
  after: Task,
): Promise<void> {
  if (after.parentId !== (before?.parentId ?? null)) await checkParent(tx, before, after);
  if (after.dependencies !== before?.dependencies) await checkDependencies(tx, before, after);
  if (after.referenceTaskIds !== before?.referenceTaskIds) {
    for (const [i, id] of after.referenceTaskIds.entries())
      await requireTaskInProject(tx, after, id, `referenceTaskIds.${i}`);
  }
  if (after.externalId !== undefined && after.externalId !== before?.externalId) {
    const { items } = await tx.tasks.list({
      where: { projectId: after.projectId, externalId: after.externalId },
      limit: 1,
    });
    const other = items[0];
    if (other !== undefined) {
      throw new AppError(
        'ALREADY_EXISTS',
        `Task ${other.id} has the externalId ${after.externalId} already.`,
        {
          id: other.id,
        },
      );
    }
  }
}

async function checkParent(tx: ActorTransaction, before: Task | undefined, task: Task): Promise<void> {
  if (task.parentId === null) return;
  await assertNoCycle(tx, 'parent', before, [task.parentId], 'A task cannot be a part of itself');
  await requireTaskInProject(tx, task, task.parentId, 'parentId');
}

async function checkDependencies(tx: ActorTransaction, before: Task | undefined, task: Task): Promise<void> {
  for (const [i, id] of task.dependencies.entries()) {
    if (id !== task.id) await requireTaskInProject(tx, task, id, `dependencies.${i}`);
  }
  const old = new Set(before?.dependencies);
  const added = task.dependencies.filter((id) => !old.has(id));
  await assertNoCycle(tx, 'dependencies', before, added, 'Tasks would wait for each other');
}

/** Throws DEPENDENCY_CYCLE when one of the tasks leads to this one, so that a link to it would close a cycle. */
async function assertNoCycle(
  tx: ActorTransaction,
  name: TaskLinkName,
  task: Task | undefined,
  added: readonly string[],
  what: string,
): Promise<void> {
  // Nothing leads to a new task.
  if (task === undefined) return;
  const path = await findTaskPath(createStoredGraph(tx, name), added, task.id);
  if (path === undefined) return;
  const cycle = [task.id, ...path];
  throw new AppError('DEPENDENCY_CYCLE', `${what}: ${listForMessage(cycle, ' → ')}.`, { cycle });
}

async function requireTaskInProject(
  tx: ActorTransaction,
  task: Task,
  id: string,
  path: string,
): Promise<Task> {
  const other = await tx.tasks.get(id);
  if (other === undefined)
    throw new AppError('NOT_FOUND', `There is no task ${id}.`, { kind: 'task', id, path });
  if (other.projectId !== task.projectId)
    throw validationError(path, `task ${id} belongs to another project`);
  return other;
}

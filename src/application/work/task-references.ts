import { AppError, validationError } from '../../domain/errors.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorTransaction } from '../access/actor-store.ts';

/**
 * Checks what the task newly says of others: they exist in its project, nothing waits for itself, and no other task
 * has its externalId. Throws VALIDATION_ERROR, DEPENDENCY_CYCLE, ALREADY_EXISTS.
 */
export async function checkReferences(
  tx: ActorTransaction,
  before: Task | undefined,
  after: Task,
): Promise<void> {
  if (after.parentId !== (before?.parentId ?? null)) await checkParent(tx, after);
  if (after.dependencies !== before?.dependencies) await checkDependencies(tx, after);
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

async function checkParent(tx: ActorTransaction, task: Task): Promise<void> {
  const path = [task.id];
  for (
    let id = task.parentId;
    id !== null;
    id = (await requireTaskInProject(tx, task, id, 'parentId')).parentId
  ) {
    path.push(id);
    if (id === task.id) throw cycleError('A task cannot be a part of itself', path);
  }
}

/** Walks from each dependency to what it waits for in turn; reaching the task closes a circle. */
async function checkDependencies(tx: ActorTransaction, task: Task): Promise<void> {
  const cameFrom = new Map<string, string>();
  const open: string[] = [];
  const visit = (id: string, from: string): void => {
    if (id === task.id)
      throw cycleError('Tasks would wait for each other', [...cyclePath(cameFrom, from, task.id), id]);
    if (cameFrom.has(id)) return;
    cameFrom.set(id, from);
    open.push(id);
  };
  for (const [i, id] of task.dependencies.entries()) {
    if (id !== task.id) await requireTaskInProject(tx, task, id, `dependencies.${i}`);
    visit(id, task.id);
  }
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of (await tx.tasks.get(id))?.dependencies ?? []) visit(next, id);
  }
}

function cyclePath(cameFrom: ReadonlyMap<string, string>, last: string, first: string): string[] {
  const path = [last];
  for (let id = last; id !== first; path.unshift(id)) id = cameFrom.get(id) ?? first;
  return path;
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

function cycleError(what: string, path: readonly string[]): AppError {
  return new AppError('DEPENDENCY_CYCLE', `${what}: ${path.join(' → ')}.`, { cycle: path });
}

import type { BacklogLinks, TaskLinks } from '../../domain/transfer/backlog-item.ts';
import type { Task } from '../../domain/work/task.ts';
import type { UnitOfWork } from '../work/unit-of-work.ts';

/** The links of the task as far as their ends exist and close no cycle, and a remark on each of the others. */
export async function resolveLinks(
  unit: UnitOfWork,
  task: Task,
  links: BacklogLinks,
  known: ReadonlyMap<string, string>,
): Promise<{ readonly resolved: TaskLinks; readonly remarks: readonly string[] }> {
  const remarks: string[] = [];
  const existing = (what: string, externalIds: readonly string[]): Map<string, string> => {
    const ids = new Map<string, string>();
    for (const externalId of externalIds) {
      const id = known.get(externalId);
      if (id === undefined) remarks.push(`${what} ${externalId} does not exist and is left out`);
      else ids.set(id, externalId);
    }
    return ids;
  };

  const dependencies: string[] = [];
  for (const [id, externalId] of existing('dependency', links.dependencies)) {
    if (await isReachable(unit, id, task.id, (other) => other.dependencies)) {
      remarks.push(`dependency ${externalId} would close a cycle and is left out`);
    } else dependencies.push(id);
  }

  let parentId: string | null = null;
  const references: string[] = [];
  for (const [id, externalId] of existing('parent', links.parents)) {
    if (parentId !== null) references.push(id);
    else if (
      await isReachable(unit, id, task.id, (other) => (other.parentId === null ? [] : [other.parentId]))
    ) {
      remarks.push(`parent ${externalId} would close a cycle and is left out`);
    } else parentId = id;
  }

  for (const [id, externalId] of existing('reference', links.references)) {
    if (id === task.id) remarks.push(`reference ${externalId} is the task itself and is left out`);
    else references.push(id);
  }
  return { resolved: { parentId, dependencies, referenceTaskIds: [...new Set(references)] }, remarks };
}

/** Whether one comes from the task `from` to the task `to`, or is there already. */
async function isReachable(
  unit: UnitOfWork,
  from: string,
  to: string,
  next: (task: Task) => readonly string[],
): Promise<boolean> {
  const seen = new Set([from]);
  for (const id of seen) {
    if (id === to) return true;
    for (const other of next(await unit.task(id))) seen.add(other);
  }
  return false;
}

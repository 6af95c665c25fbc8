import type { BacklogLinks, TaskLinks } from '../../domain/transfer/backlog-item.ts';
import type { Task } from '../../domain/work/task.ts';
import { type TaskLinkName, taskLinks } from '../work/task-graphs.ts';
import { findTaskPath } from '../work/task-path.ts';
import type { UnitLinks } from './unit-links.ts';

/** The links of the task as far as their ends exist and close no cycle, and a remark on each of the others. */
export async function resolveLinks(
  unitLinks: UnitLinks,
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

  const wanted = existing('dependency', links.dependencies);
  const closing = await findClosingLinks(unitLinks, 'dependencies', task, [...wanted.keys()]);
  for (const id of closing) {
    remarks.push(`dependency ${wanted.get(id)} would close a cycle and is left out`);
    wanted.delete(id);
  }

  let parentId: string | null = null;
  const references: string[] = [];
  for (const [id, externalId] of existing('parent', links.parents)) {
    if (parentId !== null) references.push(id);
    else if ((await findClosingLinks(unitLinks, 'parent', task, [id])).size === 0) parentId = id;
    else remarks.push(`parent ${externalId} would close a cycle and is left out`);
  }

  for (const [id, externalId] of existing('reference', links.references)) {
    if (id === task.id) remarks.push(`reference ${externalId} is the task itself and is left out`);
    else references.push(id);
  }
  return {
    resolved: { parentId, dependencies: [...wanted.keys()], referenceTaskIds: [...new Set(references)] },
    remarks,
  };
}

/** Those of the links to these tasks that would close a cycle. */
async function findClosingLinks(
  unitLinks: UnitLinks,
  name: TaskLinkName,
  task: Task,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  // What is linked closes no cycle.
  const linked = new Set(taskLinks[name].idsOf(task));
  const open = new Set(ids.filter((id) => !linked.has(id)));
  const closing = new Set<string>();
  while (open.size > 0) {
    const [first] = (await findTaskPath(unitLinks.graph(name), [...open], task.id)) ?? [];
    if (first === undefined) break;
    open.delete(first);
    closing.add(first);
  }
  return closing;
}

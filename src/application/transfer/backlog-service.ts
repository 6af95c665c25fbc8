import {
  applyBacklogItem,
  applyBacklogLinks,
  type BacklogItem,
  type BacklogLinks,
  createTaskFromBacklogItem,
  type DigestFunction,
} from '../../domain/transfer/backlog-item.ts';
import { newId } from '../../domain/values/id.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorStoreFactory, ActorTransaction } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { runUnit } from '../work/unit-of-work.ts';
import { resolveLinks } from './backlog-links.ts';
import { UnitLinks } from './unit-links.ts';

/** What an import made of one issue, and a remark on each of its links that was left out. */
export interface ImportResult {
  readonly externalId: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly remarks: readonly string[];
}

/** Imports a backlog in batches: first what its issues say, then how they are linked. */
export class BacklogService {
  readonly #open: ActorStoreFactory;
  readonly #digest: DigestFunction;

  constructor(open: ActorStoreFactory, digest: DigestFunction) {
    this.#open = open;
    this.#digest = digest;
  }

  /** Creates the tasks that the project does not have, and changes the others where their source did. Throws NOT_FOUND. */
  importItems(
    call: Call,
    projectId: string,
    items: readonly BacklogItem[],
  ): Promise<readonly ImportResult[]> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(projectId);
      const known = await taskIdsByExternalId(unit.tx, projectId, externalIds(items));
      const results: ImportResult[] = [];
      for (const item of items) {
        const id = known.get(item.externalId);
        const before = id === undefined ? undefined : await unit.task(id);
        const after =
          before === undefined
            ? createTaskFromBacklogItem(newId('task', unit.now), projectId, item, this.#digest, unit.now)
            : applyBacklogItem(before, item, this.#digest, unit.now);
        unit.putTask(after);
        results.push({ externalId: item.externalId, outcome: outcomeOf(before, after), remarks: [] });
      }
      return results;
    });
  }

  /** Links the tasks that have been taken in; what cannot be linked is left out with a remark. Throws NOT_FOUND. */
  importLinks(
    call: Call,
    projectId: string,
    links: readonly BacklogLinks[],
  ): Promise<readonly ImportResult[]> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(projectId);
      const unitLinks = new UnitLinks(unit);
      const named = links.flatMap((link) => [...link.parents, ...link.dependencies, ...link.references]);
      const known = await taskIdsByExternalId(unit.tx, projectId, [...externalIds(links), ...named]);
      const results: ImportResult[] = [];
      for (const link of links) {
        const { externalId } = link;
        const id = known.get(externalId);
        if (id === undefined) {
          results.push({
            externalId,
            outcome: 'unchanged',
            remarks: ['there is no task of it to be linked'],
          });
          continue;
        }
        const before = await unit.task(id);
        const { resolved, remarks } = await resolveLinks(unitLinks, before, link, known);
        const after = applyBacklogLinks(before, resolved, this.#digest);
        unitLinks.put(before, after);
        results.push({ externalId, outcome: outcomeOf(before, after), remarks });
      }
      return results;
    });
  }
}

function externalIds(named: readonly { readonly externalId: string }[]): string[] {
  return named.map(({ externalId }) => externalId);
}

function outcomeOf(before: Task | undefined, after: Task): ImportResult['outcome'] {
  return before === undefined ? 'created' : before === after ? 'unchanged' : 'updated';
}

/** The ids of the tasks that have these ids in their source. */
async function taskIdsByExternalId(
  tx: ActorTransaction,
  projectId: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  const all = [...new Set(wanted)];
  for (let start = 0; start < all.length; start += 500) {
    const externalId = all.slice(start, start + 500);
    const { items } = await tx.tasks.list({ where: { projectId, externalId }, limit: externalId.length });
    for (const task of items) ids.set(task.externalId ?? '', task.id);
  }
  return ids;
}

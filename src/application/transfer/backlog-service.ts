import {
  type BacklogItem,
  type BacklogLinks,
  type Digest,
  takeItem,
  takeLinks,
  taskOfItem,
} from '../../domain/transfer/backlog-item.ts';
import { newId } from '../../domain/values/id.ts';
import type { Task } from '../../domain/work/task.ts';
import type { ActorTransaction, Open } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { runUnit } from '../work/unit-of-work.ts';
import { resolveLinks } from './backlog-links.ts';

/** What an import made of one issue, and a remark on each of its links that was left out. */
export interface Imported {
  readonly externalId: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  readonly remarks: readonly string[];
}

/** Brings a backlog in, some at a time: first what its issues say, then how they are linked. */
export class BacklogService {
  readonly #open: Open;
  readonly #digest: Digest;

  constructor(open: Open, digest: Digest) {
    this.#open = open;
    this.#digest = digest;
  }

  /** Creates the tasks that the project does not have, and changes the others where their source did. Throws NOT_FOUND. */
  takeItems(call: Call, projectId: string, items: readonly BacklogItem[]): Promise<readonly Imported[]> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(projectId);
      const known = await idsOf(unit.tx, projectId, externalIds(items));
      const results: Imported[] = [];
      for (const item of items) {
        const id = known.get(item.externalId);
        const before = id === undefined ? undefined : await unit.task(id);
        const after =
          before === undefined
            ? taskOfItem(newId('task', unit.now), projectId, item, this.#digest, unit.now)
            : takeItem(before, item, this.#digest, unit.now);
        unit.putTask(after);
        results.push({ externalId: item.externalId, outcome: outcomeOf(before, after), remarks: [] });
      }
      return results;
    });
  }

  /** Links the tasks that have been taken in; what cannot be linked is left out with a remark. Throws NOT_FOUND. */
  takeLinks(call: Call, projectId: string, links: readonly BacklogLinks[]): Promise<readonly Imported[]> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(projectId);
      const named = links.flatMap((link) => [...link.parents, ...link.dependencies, ...link.references]);
      const known = await idsOf(unit.tx, projectId, [...externalIds(links), ...named]);
      const results: Imported[] = [];
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
        const { resolved, remarks } = await resolveLinks(unit, before, link, known);
        const after = takeLinks(before, resolved, this.#digest);
        unit.putTask(after);
        results.push({ externalId, outcome: outcomeOf(before, after), remarks });
      }
      return results;
    });
  }
}

function externalIds(named: readonly { readonly externalId: string }[]): string[] {
  return named.map(({ externalId }) => externalId);
}

function outcomeOf(before: Task | undefined, after: Task): Imported['outcome'] {
  return before === undefined ? 'created' : before === after ? 'unchanged' : 'updated';
}

/** The ids of the tasks that have these ids in their source. */
async function idsOf(
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

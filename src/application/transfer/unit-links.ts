import type { Task } from '../../domain/work/task.ts';
import { storedSources, type TaskLinkName, taskLinks } from '../work/task-graphs.ts';
import type { TaskGraph } from '../work/task-path.ts';
import type { UnitOfWork } from '../work/unit-of-work.ts';

/** The links of tasks as a unit of work has changed them so far. */
export class UnitLinks {
  readonly #unit: UnitOfWork;
  /** The tasks that this unit linked to another, by the name of the link and the id of the other. */
  readonly #added = new Map<string, readonly string[]>();

  constructor(unit: UnitOfWork) {
    this.#unit = unit;
  }

  /** Takes the task as its next state. */
  put(before: Task, after: Task): void {
    this.#unit.putTask(after);
    for (const name of Object.keys(taskLinks) as TaskLinkName[]) {
      const old = new Set(taskLinks[name].idsOf(before));
      for (const id of taskLinks[name].idsOf(after)) {
        if (old.has(id)) continue;
        const key = keyOf(name, id);
        this.#added.set(key, [...(this.#added.get(key) ?? []), after.id]);
      }
    }
  }

  /** The links of this name. */
  graph(name: TaskLinkName): TaskGraph {
    const { idsOf } = taskLinks[name];
    const unit = this.#unit;
    const added = this.#added;
    return {
      async *next(id) {
        const task = await unit.findTask(id);
        if (task !== undefined) yield* idsOf(task);
      },
      async *previous(id) {
        yield* added.get(keyOf(name, id)) ?? [];
        for await (const stored of storedSources(unit.tx, name, id)) {
          // This unit may have taken the link away.
          const task = await unit.findTask(stored.id);
          if (task !== undefined && idsOf(task).includes(id)) yield task.id;
        }
      },
    };
  }
}

const keyOf = (name: TaskLinkName, id: string) => `${name} ${id}`;

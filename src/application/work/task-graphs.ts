import type { Task } from '../../domain/work/task.ts';
import type { ActorReader } from '../access/actor-store.ts';
import { eachEntity } from '../store/paginate.ts';
import type { TaskGraph } from './task-path.ts';

/** The links of tasks that must not close a cycle. */
export const taskLinks = {
  dependencies: { idsOf: (task: Task) => task.dependencies, filter: 'dependency' },
  parent: { idsOf: (task: Task) => (task.parentId === null ? [] : [task.parentId]), filter: 'parentId' },
} as const;

/** The name of such links. */
export type TaskLinkName = keyof typeof taskLinks;

/** The stored tasks that lead to this one by links of this name. */
export async function* storedSources(
  { tasks }: Pick<ActorReader, 'tasks'>,
  name: TaskLinkName,
  id: string,
): AsyncGenerator<Task> {
  yield* eachEntity(tasks, { where: { [taskLinks[name].filter]: id } });
}

/** The links of this name as they are stored. */
export function createStoredGraph(reader: Pick<ActorReader, 'tasks'>, name: TaskLinkName): TaskGraph {
  return {
    async *next(id) {
      const task = await reader.tasks.get(id);
      if (task !== undefined) yield* taskLinks[name].idsOf(task);
    },
    async *previous(id) {
      for await (const source of storedSources(reader, name, id)) yield source.id;
    },
  };
}

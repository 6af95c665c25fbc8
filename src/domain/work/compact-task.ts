import { z } from 'zod';
import { idSchema } from '../values/id.ts';
import type { DeepReadonly } from '../values/immutable.ts';
import { type Task, taskPrioritySchema, taskStatusSchema } from './task.ts';

/** A task in a compact list. */
export const compactTaskSchema = z
  .object({
    id: idSchema,
    title: z.string(),
    status: taskStatusSchema,
    priority: taskPrioritySchema,
  })
  .meta({ id: 'CompactTask', description: 'A task in a compact list; a long title is truncated.' });

/** The maximum size of a title in a compact list, as JSON in bytes: 50 tasks stay under 8 KB. */
const maxTitleBytes = 72;

/** The task for a compact list. */
export function toCompactTask(task: Task): DeepReadonly<z.infer<typeof compactTaskSchema>> {
  const { id, title, status, priority } = task;
  return { id, title: truncateTitle(title), status, priority };
}

function truncateTitle(title: string): string {
  const characters = [...title.slice(0, maxTitleBytes)];
  let text = title;
  while (new TextEncoder().encode(JSON.stringify(text)).length > maxTitleBytes) {
    characters.pop();
    text = `${characters.join('')}…`;
  }
  return text;
}

import type { EntityOf } from '../../../application/store/collections.ts';
import { queueItemSchema, queueSchema } from '../../../domain/work/queue.ts';
import { parseInstant } from './adopt-task.ts';
import { fitToSchema, isJsonObject, type LegacyObject, type Remark } from './legacy-value.ts';

type Queue = EntityOf<'queues'>;
type Item = Queue['items'][number];

/** A queue of another server as it is here: at most one item is being processed, and none without its task. */
export function adoptQueue(
  old: LegacyObject,
  projectId: string,
  hasTask: (id: string) => boolean,
  remark: Remark,
): Queue {
  const all = (Array.isArray(old.items) ? old.items : []).filter(isJsonObject);
  const read = all.flatMap((item, i) => adoptItem(item, i, remark) ?? []);
  const busy = read.flatMap(({ status }, i) => (status === 'processing' ? [i] : []));
  const current = busy.includes(Number(old.currentIndex)) ? Number(old.currentIndex) : (busy[0] ?? -1);
  const items = read.map((item, i): Item => {
    const open = item.status === 'queued' || item.status === 'processing';
    if (open && !hasTask(item.taskId)) {
      remark(`item ${i + 1} was skipped, as the task ${item.taskId} is not there`);
      return { ...item, status: 'skipped', failReason: 'The task is not there.' };
    }
    if (item.status !== 'processing' || i === current) return item;
    remark(`item ${i + 1} waits again, as another is being processed`);
    return { ...item, status: 'queued' };
  });
  const createdAt = parseInstant(old.createdAt);
  const candidate = {
    ...old,
    projectId,
    items,
    currentIndex: items[current]?.status === 'processing' ? current : -1,
    version: 1,
  };
  const otherwise = { strategy: 'queue', createdAt, updatedAt: createdAt };
  return queueSchema.parse(fitToSchema(candidate, queueSchema.shape, otherwise, remark));
}

function adoptItem(old: LegacyObject, i: number, remark: Remark): Item | undefined {
  const otherwise = { status: 'queued', addedAt: 0 };
  const item = fitToSchema(old, queueItemSchema.shape, otherwise, (what, was) =>
    remark(`item ${i + 1}: ${what}`, was),
  );
  const { data } = queueItemSchema.safeParse(item);
  if (data === undefined) remark(`item ${i + 1} was dropped`, old);
  return data;
}

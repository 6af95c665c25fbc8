import { omitUndefined } from '../values/immutable.ts';
import { type Queue, type QueueItem, type QueueTransition, transitionItem } from './queue.ts';
import type { SessionStatus } from './session.ts';

/** A step of one item of a queue, and the event that tells of it. */
export interface ItemStep {
  readonly event: `queue:item_${'started' | 'completed' | 'failed' | 'skipped' | 'pushed'}`;
  readonly item: QueueItem;
  readonly index: number;
  readonly reason?: string | undefined;
}

/**
 * A queue after its session ends, and a step for each item that was open: the item being processed is completed with a
 * completed session and fails otherwise, the queued ones are given back.
 */
export function endQueue(
  queue: Queue,
  end: SessionStatus,
  now: number,
): { readonly queue: Queue; readonly steps: readonly ItemStep[] } {
  const steps = queue.items.flatMap((item, index) => endItem(item, index, end, now) ?? []);
  const items = [...queue.items];
  for (const { item, index } of steps) items[index] = item;
  return { queue: { ...queue, items, currentIndex: -1, updatedAt: now }, steps };
}

function endItem(item: QueueItem, index: number, end: SessionStatus, now: number): ItemStep | undefined {
  const ended = (status: QueueItem['status'], failReason?: string) =>
    omitUndefined({ ...item, status, completedAt: now, failReason }) as QueueItem;
  if (item.status === 'queued') {
    const reason = 'The session ended before it was begun.';
    return { event: 'queue:item_skipped', item: ended('skipped', reason), index, reason };
  }
  if (item.status !== 'processing') return undefined;
  if (end === 'completed') return { event: 'queue:item_completed', item: ended('completed'), index };
  const reason = endReason(end);
  return { event: 'queue:item_failed', item: ended('failed', reason), index, reason };
}

/** Why work failed that was under way when its session ended in this status. */
export function endReason(end: SessionStatus): string {
  return end === 'stopped' ? 'The session was stopped.' : 'The session failed.';
}

/** The item that failed because its session was stopped at `stoppedAt`, completed after all; undefined without one. */
export function completeStoppedItem(
  queue: Queue,
  stoppedAt: number,
  now: number,
): QueueTransition | undefined {
  const index = queue.items.findIndex(
    ({ status, completedAt, failReason }) =>
      status === 'failed' && completedAt === stoppedAt && failReason === endReason('stopped'),
  );
  if (index < 0) return undefined;
  const change = { status: 'completed', completedAt: now, failReason: undefined } as const;
  return transitionItem(queue, index, change, queue.currentIndex, now);
}

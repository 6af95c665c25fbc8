import { type Queue, type QueueItem, type QueueTransition, transitionItem } from './queue.ts';
import type { SessionStatus } from './session.ts';

/** An ended item, and the event that tells of it. */
export interface EndedItem {
  readonly event: 'queue:item_completed' | 'queue:item_failed' | 'queue:item_skipped';
  readonly transition: QueueTransition;
  readonly reason?: string | undefined;
}

/**
 * The open items of a queue after its session ends: the item being processed is completed with a completed session and
 * fails otherwise, the queued ones are given back. Each step starts from the queue that the one before it left.
 */
export function endQueue(queue: Queue, end: SessionStatus, now: number): readonly EndedItem[] {
  const ended: EndedItem[] = [];
  let current = queue;
  for (const [index, { status }] of queue.items.entries()) {
    if (status !== 'processing' && status !== 'queued') continue;
    const step = endItem(current, index, end, now);
    ended.push(step);
    current = step.transition.queue;
  }
  return ended;
}

function endItem(queue: Queue, index: number, end: SessionStatus, now: number): EndedItem {
  const change = (status: QueueItem['status'], failReason?: string) =>
    transitionItem(queue, index, { status, completedAt: now, failReason }, -1, now);
  if (queue.items[index]?.status === 'queued') {
    const reason = 'The session ended before it was begun.';
    return { event: 'queue:item_skipped', transition: change('skipped', reason), reason };
  }
  if (end === 'completed') return { event: 'queue:item_completed', transition: change('completed') };
  const reason = endReason(end);
  return { event: 'queue:item_failed', transition: change('failed', reason), reason };
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

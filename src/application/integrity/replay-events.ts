import type { EventName } from '../../domain/events.ts';
import type { Queue } from '../../domain/work/queue.ts';
import type { EntityOf, Kind } from '../store/collections.ts';
import type { EventRecord } from '../store/store.ts';

/** What the events of a stream say of one entity in the end: all of it, or that it is gone. */
export interface ReplayedEntity {
  readonly kind: Kind;
  readonly id: string;
  readonly entity: EntityOf<Kind> | undefined;
}

type EventReducer = (told: ReadonlyMap<string, ReplayedEntity>, data: never) => ReplayedEntity | undefined;

const keyOf = (kind: Kind, id: string) => `${kind} ${id}`;
const deletedEntity =
  (kind: Kind): EventReducer =>
  (_, { id }: { readonly id: string }) => ({ kind, id, entity: undefined });

const project: EventReducer = (
  _,
  { projectId: __, ...entity }: EntityOf<'projects'> & { projectId: string },
) => ({
  kind: 'projects',
  id: entity.id,
  entity,
});

const task: EventReducer = (_, entity: EntityOf<'tasks'>) => ({ kind: 'tasks', id: entity.id, entity });

const session: EventReducer = (_, data: Extract<EventRecord, { name: 'session:updated' }>['data']) => {
  const { timeline, timelineCount, events, eventsCount, docs, docsCount, ...entity } = data;
  return { kind: 'sessions', id: entity.id, entity };
};

type ItemData = Extract<EventRecord, { name: 'queue:item_started' }>['data'];

/** An item takes its place in the queue as told before; of a queue whose beginning is not kept nothing is known. */
const item: EventReducer = (
  told,
  { sessionId, item: one, index, currentIndex, updatedAt, version }: ItemData,
) => {
  const before = told.get(keyOf('queues', sessionId))?.entity as Queue | undefined;
  if (before === undefined) return undefined;
  const items = [...before.items];
  items[index] = one;
  const entity = { ...before, items, currentIndex, updatedAt, version };
  return { kind: 'queues', id: sessionId, entity };
};

const reducers: { readonly [Name in EventName]?: EventReducer } = {
  'project:created': project,
  'project:updated': project,
  'project:deleted': deletedEntity('projects'),
  'task:created': task,
  'task:updated': task,
  'task:deleted': deletedEntity('tasks'),
  'session:created': session,
  'session:updated': session,
  'session:deleted': deletedEntity('sessions'),
  'queue:created': (_, { sessionId: id, queue }: { sessionId: string; queue: Queue }) => ({
    kind: 'queues',
    id,
    entity: queue,
  }),
  'queue:item_started': item,
  'queue:item_completed': item,
  'queue:item_failed': item,
  'queue:item_skipped': item,
  'queue:item_pushed': item,
  'queue:deleted': (_, { sessionId: id }: { sessionId: string }) => ({
    kind: 'queues',
    id,
    entity: undefined,
  }),
};

/** Notes in `told` what one more event of the stream says of an entity. */
export function replayEvent(told: Map<string, ReplayedEntity>, { name, data }: EventRecord): void {
  const one = reducers[name]?.(told, data as never);
  if (one !== undefined) told.set(keyOf(one.kind, one.id), one);
}

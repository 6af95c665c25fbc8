import type { EventName } from '../../domain/events.ts';
import type { Queue } from '../../domain/work/queue.ts';
import type { EntityOf, Kind } from '../store/collections.ts';
import type { EventRecord } from '../store/store.ts';

/** What the events of a stream say of one entity in the end: all of it, or that it is gone. */
export interface Told {
  readonly kind: Kind;
  readonly id: string;
  readonly entity: EntityOf<Kind> | undefined;
}

type Fold = (told: ReadonlyMap<string, Told>, data: never) => Told | undefined;

const keyOf = (kind: Kind, id: string) => `${kind} ${id}`;
const gone =
  (kind: Kind): Fold =>
  (_, { id }: { readonly id: string }) => ({ kind, id, entity: undefined });

const project: Fold = (_, { projectId: __, ...entity }: EntityOf<'projects'> & { projectId: string }) => ({
  kind: 'projects',
  id: entity.id,
  entity,
});

const task: Fold = (_, entity: EntityOf<'tasks'>) => ({ kind: 'tasks', id: entity.id, entity });

const session: Fold = (_, data: Extract<EventRecord, { name: 'session:updated' }>['data']) => {
  const { timeline, timelineCount, events, eventsCount, docs, docsCount, ...entity } = data;
  return { kind: 'sessions', id: entity.id, entity };
};

type ItemData = Extract<EventRecord, { name: 'queue:item_started' }>['data'];

/** An item takes its place in the queue as told before; of a queue whose beginning is not kept nothing is known. */
const item: Fold = (told, { sessionId, item: one, index, currentIndex, updatedAt, version }: ItemData) => {
  const before = told.get(keyOf('queues', sessionId))?.entity as Queue | undefined;
  if (before === undefined) return undefined;
  const items = [...before.items];
  items[index] = one;
  const entity = { ...before, items, currentIndex, updatedAt, version };
  return { kind: 'queues', id: sessionId, entity };
};

const folds: { readonly [Name in EventName]?: Fold } = {
  'project:created': project,
  'project:updated': project,
  'project:deleted': gone('projects'),
  'task:created': task,
  'task:updated': task,
  'task:deleted': gone('tasks'),
  'session:created': session,
  'session:updated': session,
  'session:deleted': gone('sessions'),
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
export function foldEvent(told: Map<string, Told>, { name, data }: EventRecord): void {
  const one = folds[name]?.(told, data as never);
  if (one !== undefined) told.set(keyOf(one.kind, one.id), one);
}

import type { EventData, EventName } from '../../domain/events.ts';
import type { Queue } from '../../domain/work/queue.ts';
import type { EntityOf, Kind } from '../store/collections.ts';

/** What the events of a stream say of one entity in the end: all of it, or that it is gone. */
export interface ReplayedEntity {
  readonly kind: Kind;
  readonly id: string;
  readonly entity: EntityOf<Kind> | undefined;
}

/** What one more event says of an entity, given what those before it said; undefined when it says nothing. */
type EventReducer<Name extends EventName> = (
  replayed: ReadonlyMap<string, ReplayedEntity>,
  data: EventData<Name>,
) => ReplayedEntity | undefined;

/** Stands for an event that holds no state of its own: another event of its commit carries the change. */
const holdsNoState = () => undefined;

const keyOf = (kind: Kind, id: string) => `${kind} ${id}`;
const deleted =
  (kind: Kind) =>
  (_: unknown, { id }: { readonly id: string }): ReplayedEntity => ({ kind, id, entity: undefined });

const project: EventReducer<'project:created'> = (_, { projectId: __, ...entity }) => ({
  kind: 'projects',
  id: entity.id,
  entity,
});

const task: EventReducer<'task:created'> = (_, entity) => ({ kind: 'tasks', id: entity.id, entity });

const session: EventReducer<'session:created'> = (_, data) => {
  const { timeline, timelineCount, events, eventsCount, docs, docsCount, ...entity } = data;
  return { kind: 'sessions', id: entity.id, entity };
};

/** Puts the item in its place; of a queue whose beginning is no longer kept nothing is known. */
const item: EventReducer<'queue:item_pushed'> = (replayed, data) => {
  const { sessionId, index, currentIndex, updatedAt, version } = data;
  const before = replayed.get(keyOf('queues', sessionId))?.entity as Queue | undefined;
  if (before === undefined) return undefined;
  const items = [...before.items];
  items[index] = data.item;
  return { kind: 'queues', id: sessionId, entity: { ...before, items, currentIndex, updatedAt, version } };
};

const template: EventReducer<'template:created'> = (_, { template: entity }) => ({
  kind: 'templates',
  id: entity.id,
  entity,
});

/** What each event of the catalogue says of the state: an event without an entry does not compile. */
const reducers: { readonly [Name in EventName]: EventReducer<Name> } = {
  'workspace:restored': holdsNoState,
  'template:created': template,
  'template:updated': template,
  'template:reset': template,
  'template:deleted': deleted('templates'),
  'project:created': project,
  'project:updated': project,
  'project:deleted': deleted('projects'),
  'task:created': task,
  'task:updated': task,
  'task:deleted': deleted('tasks'),
  'task:session_added': holdsNoState,
  'task:session_removed': holdsNoState,
  'session:created': session,
  'session:spawn': holdsNoState,
  'session:updated': session,
  'session:deleted': deleted('sessions'),
  'session:task_added': holdsNoState,
  'session:task_removed': holdsNoState,
  'queue:created': (_, { sessionId: id, queue }) => ({ kind: 'queues', id, entity: queue }),
  'queue:item_started': item,
  'queue:item_completed': item,
  'queue:item_failed': item,
  'queue:item_skipped': item,
  'queue:item_pushed': item,
  'queue:deleted': (_, { sessionId: id }) => ({ kind: 'queues', id, entity: undefined }),
  'notify:task_completed': holdsNoState,
  'notify:task_cancelled': holdsNoState,
  'notify:task_in_review': holdsNoState,
  'notify:task_blocked': holdsNoState,
  'notify:task_session_completed': holdsNoState,
  'notify:task_session_failed': holdsNoState,
  'notify:session_completed': holdsNoState,
  'notify:session_failed': holdsNoState,
  'notify:needs_input': holdsNoState,
  'notify:progress': holdsNoState,
};

/** Notes in `replayed` what one more event of the stream says of an entity. */
export function replayEvent<Name extends EventName>(
  replayed: Map<string, ReplayedEntity>,
  { name, data }: { readonly name: Name; readonly data: EventData<Name> },
): void {
  const one = reducers[name](replayed, data);
  if (one !== undefined) replayed.set(keyOf(one.kind, one.id), one);
}

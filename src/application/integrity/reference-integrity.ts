import { collectionOf, projectOf } from '../store/collection-of.ts';
import type { EntityOf, Kind } from '../store/collections.ts';
import { collections, kinds } from '../store/collections.ts';
import { eachEntity } from '../store/paginate.ts';
import type { EntityReaders, Reader } from '../store/store.ts';

/** A mention of another entity, which has to exist in the same project; `mentionsBack` is whether that mentions this one. */
interface Reference {
  readonly kind: Kind;
  readonly id: string | null | undefined;
  readonly mentionsBack?: (other: never) => boolean;
}

type References = { readonly [K in Kind]: (entity: EntityOf<K>) => readonly Reference[] };

const referencesTo = (kind: Kind, ids: readonly string[]) => ids.map((id) => ({ kind, id }));

/** What each kind mentions. Tokens outlive their sessions, attempts hold answers, whatever those were about, and tickets are gone soon. */
const references: References = {
  projects: () => [],
  templates: () => [],
  tasks: ({ id, projectId, parentId, dependencies, referenceTaskIds, sessionIds }) => [
    { kind: 'projects', id: projectId },
    { kind: 'tasks', id: parentId },
    ...referencesTo('tasks', [...dependencies, ...referenceTaskIds]),
    ...sessionIds.map((sessionId) => ({
      kind: 'sessions' as const,
      id: sessionId,
      mentionsBack: (session: EntityOf<'sessions'>) => session.taskIds.includes(id),
    })),
  ],
  sessions: ({ id, projectId, taskIds }) => [
    { kind: 'projects', id: projectId },
    ...taskIds.map((taskId) => ({
      kind: 'tasks' as const,
      id: taskId,
      mentionsBack: (task: EntityOf<'tasks'>) => task.sessionIds.includes(id),
    })),
  ],
  queues: ({ projectId, sessionId, items }) => [
    { kind: 'projects', id: projectId },
    { kind: 'sessions', id: sessionId },
    ...referencesTo(
      'tasks',
      items.filter(({ status }) => status === 'queued' || status === 'processing').map((item) => item.taskId),
    ),
  ],
  documents: ({ projectId, sessionId, taskId }) => [
    { kind: 'projects', id: projectId },
    { kind: 'sessions', id: sessionId },
    { kind: 'tasks', id: taskId },
  ],
  tokens: () => [],
  attempts: () => [],
  tickets: () => [],
};

/** Every mention of something that is not there, that is of another project, or that does not mention it back. */
export async function* checkReferenceIntegrity(reader: Reader): AsyncGenerator<string> {
  for (const kind of kinds) yield* checkKind(reader, kind);
}

async function* checkKind<K extends Kind>(reader: Reader, kind: K): AsyncGenerator<string> {
  const readers: EntityReaders = reader;
  const { noun, id: idOf } = collectionOf(kind);
  for await (const entity of eachEntity(readers[kind], {})) {
    const checked = new Set<string>();
    for (const { kind: target, id, mentionsBack } of (references as References)[kind](entity)) {
      // What is mentioned twice, as a parent and as a dependency, is reported once.
      if (id === null || id === undefined || checked.has(`${target} ${id}`)) continue;
      checked.add(`${target} ${id}`);
      const other = await readers[target].get(id);
      const said = `The ${noun} ${idOf(entity)} mentions the ${collections[target].noun} ${id}, which`;
      if (other === undefined) yield `${said} does not exist.`;
      else if (projectOf(target, other) !== projectOf(kind, entity)) yield `${said} is of another project.`;
      else if (mentionsBack !== undefined && !mentionsBack(other as never))
        yield `${said} does not mention it back.`;
    }
  }
}

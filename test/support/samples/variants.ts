import type { EntityOf, Kind } from '../../../src/application/store/collections.ts';
import { sampleProjectId } from './samples.ts';

/** Takes one of the values, by chance or by plan. */
export type ValuePicker = <T>(values: readonly T[]) => T;

/** A second project, so that lists have something to leave out. */
export const otherProjectId = 'proj_other';

/** Words whose order by code unit differs from that by code point, by letter and by length. */
const words = ['a', 'B', 'ab', 'z', 'é', '\u{1F600}', '\uFF5E', 'a '];

const times = [0, 5, 10, 9_999, 1_767_225_600_000];
const projectIds = [sampleProjectId, otherProjectId];
const taskIds = ['task_a', 'task_b', 'task_A'];
const sessionIds = ['sess_a', 'sess_b', 'sess_A'];

function pickSubset<T>(pick: ValuePicker, values: readonly T[]): T[] {
  return values.filter(() => pick([true, false]));
}

/** Other values for what entities of each kind are found and ordered by; few, so that they collide. */
export const variants: { readonly [K in Kind]: (pick: ValuePicker) => Partial<EntityOf<K>> } = {
  projects: (pick) => ({ name: pick(words), createdAt: pick(times), updatedAt: pick(times) }),
  tasks: (pick) => ({
    projectId: pick(projectIds),
    status: pick(['todo', 'in_progress', 'completed']),
    parentId: pick([null, ...taskIds]),
    priority: pick(['low', 'medium', 'high']),
    labels: pickSubset(pick, ['night', 'sky', 'moon']),
    externalId: pick(['ext-1', 'ext-2', 'ext-3']),
    sessionIds: pickSubset(pick, sessionIds),
    dependencies: pickSubset(pick, taskIds),
    referenceTaskIds: pickSubset(pick, taskIds),
    title: pick(words),
    createdAt: pick(times),
    updatedAt: pick(times),
  }),
  sessions: (pick) => ({
    projectId: pick(projectIds),
    taskIds: pickSubset(pick, taskIds),
    status: pick(['idle', 'working', 'completed']),
    name: pick(words),
    startedAt: pick(times),
    lastActivity: pick(times),
  }),
  queues: (pick) => ({
    projectId: pick(projectIds),
    // The same task may have been in a queue more than once.
    items: [...pickSubset(pick, taskIds), ...pickSubset(pick, taskIds)].map((taskId) => ({
      taskId,
      status: 'completed' as const,
      addedAt: pick(times),
    })),
    createdAt: pick(times),
  }),
  documents: (pick) => ({
    projectId: pick(projectIds),
    sessionId: pick([null, ...sessionIds]),
    taskId: pick(taskIds),
    content: { log: pick(sessionIds), n: 1, bytes: 1 },
    addedAt: pick(times),
  }),
  templates: (pick) => ({
    role: pick(['worker', 'orchestrator']),
    active: pick([true, false]),
    name: pick(words),
    createdAt: pick(times),
    updatedAt: pick(times),
  }),
  tokens: (pick) => ({ sessionId: pick(sessionIds), createdAt: pick(times), expiresAt: pick(times) }),
  attempts: (pick) => ({ createdAt: pick(times) }),
  tickets: (pick) => ({ createdAt: pick(times) }),
};

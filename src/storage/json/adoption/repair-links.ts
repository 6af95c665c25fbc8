import type { EntityOf } from '../../../application/store/collections.ts';

type Task = EntityOf<'tasks'>;
type Session = EntityOf<'sessions'>;
type RemarkOn = (kind: 'tasks' | 'sessions', id: string, what: string) => void;

/**
 * Tasks and sessions that mention only what is there, in their own project, both ways; tasks are parts of each other,
 * and wait for each other, in no circle.
 */
export function repairLinks(
  tasks: ReadonlyMap<string, Task>,
  sessions: ReadonlyMap<string, Session>,
  remark: RemarkOn,
): { readonly tasks: readonly Task[]; readonly sessions: readonly Session[] } {
  const links = collectLinks(tasks, sessions);
  const sessionsOf = groupBy(links, ({ taskId }) => taskId);
  const done = new Map<string, Task>();
  for (const task of tasks.values()) {
    const say = (what: string) => remark('tasks', task.id, what);
    const near = (id: string) => id !== task.id && tasks.get(id)?.projectId === task.projectId;
    const parents = task.parentId === null ? [] : [task.parentId];
    const parentId = keepValid(
      'parentId',
      parents,
      (id) => near(id) && !isReachable(id, task.id, done, parentIds),
      say,
    )[0];
    const dependencies = keepValid(
      'dependencies',
      task.dependencies,
      (id) => near(id) && !isReachable(id, task.id, done, (one) => one.dependencies),
      say,
    );
    const referenceTaskIds = keepValid('referenceTaskIds', task.referenceTaskIds, near, say);
    const sessionIds = (sessionsOf.get(task.id) ?? []).map(({ sessionId }) => sessionId);
    reportDifference('sessionIds', task.sessionIds, sessionIds, say);
    const statuses = Object.entries(task.taskSessionStatuses).filter(([id]) => sessionIds.includes(id));
    reportDifference(
      'taskSessionStatuses',
      Object.keys(task.taskSessionStatuses),
      statuses.map(([id]) => id),
      say,
    );
    const taskSessionStatuses = Object.fromEntries(statuses);
    const mentions = { dependencies, referenceTaskIds, sessionIds, taskSessionStatuses };
    done.set(task.id, { ...task, parentId: parentId ?? null, ...mentions });
  }
  const tasksOf = groupBy(links, ({ sessionId }) => sessionId);
  const mended = [...sessions.values()].map((session): Session => {
    const taskIds = (tasksOf.get(session.id) ?? []).map(({ taskId }) => taskId);
    reportDifference('taskIds', session.taskIds, taskIds, (what) => remark('sessions', session.id, what));
    return { ...session, taskIds };
  });
  return { tasks: [...done.values()], sessions: mended };
}

/** Every task with a session of its project, if one of the two says so: those of the session first, in its order. */
function collectLinks(tasks: ReadonlyMap<string, Task>, sessions: ReadonlyMap<string, Session>) {
  const said = [
    ...[...sessions.values()].flatMap(({ id, taskIds }) =>
      taskIds.map((taskId) => ({ taskId, sessionId: id })),
    ),
    ...[...tasks.values()].flatMap(({ id, sessionIds }) =>
      sessionIds.map((sessionId) => ({ taskId: id, sessionId })),
    ),
  ];
  const links = new Map(said.map((link) => [`${link.taskId} ${link.sessionId}`, link]));
  return [...links.values()].filter(({ taskId, sessionId }) => {
    const task = tasks.get(taskId);
    return task !== undefined && task.projectId === sessions.get(sessionId)?.projectId;
  });
}

const parentIds = ({ parentId }: Task) => (parentId === null ? [] : [parentId]);

/** Whether one comes from a task to another by what is done so far. */
function isReachable(
  from: string,
  to: string,
  done: ReadonlyMap<string, Task>,
  next: (task: Task) => readonly string[],
): boolean {
  const seen = new Set([from]);
  for (const id of seen) {
    if (id === to) return true;
    const task = done.get(id);
    for (const other of task === undefined ? [] : next(task)) seen.add(other);
  }
  return false;
}

function keepValid(
  key: string,
  ids: readonly string[],
  stays: (id: string) => boolean,
  say: (what: string) => void,
): string[] {
  const kept = ids.filter(stays);
  reportDifference(key, ids, kept, say);
  return kept;
}

function reportDifference(
  key: string,
  before: readonly string[],
  after: readonly string[],
  say: (what: string) => void,
) {
  const dropped = before.filter((id) => !after.includes(id));
  const added = after.filter((id) => !before.includes(id));
  if (dropped.length > 0) say(`dropped ${dropped.join(', ')} of ${key}`);
  if (added.length > 0) say(`added ${added.join(', ')} to ${key}`);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

import { describe, expect, it } from 'vitest';
import { toCompactTask } from '../../../src/domain/work/compact-task.ts';
import {
  changeTask,
  createTask,
  removeTaskReferences,
  type Task,
  type TaskStatus,
  taskSessionStatusSchema,
  taskStatusSchema,
} from '../../../src/domain/work/task.ts';
import {
  addTaskSession,
  removeTaskSession,
  setTaskSessionStatus,
} from '../../../src/domain/work/task-progress.ts';

const now = 9;
const statuses = taskStatusSchema.options;

/** Start and end after a step: of a task that was never begun, and of one that began at 1 and ended at 2. */
type Times = readonly [
  fresh: readonly [number | null, number | null],
  used: readonly [number | null, number | null],
];

const begins: Times = [
  [now, null],
  [1, null],
];
const ends: Times = [
  [null, now],
  [1, now],
];
const goesOn: Times = [
  [null, null],
  [1, null],
];
const restarts: Times = [
  [null, null],
  [null, null],
];

/** What a task in the status of a row becomes when it is set to the status of a column. */
const transitions: Readonly<
  Record<TaskStatus, Readonly<Record<TaskStatus, Times | 'unchanged' | 'refused'>>>
> = {
  todo: {
    todo: 'unchanged',
    in_progress: begins,
    in_review: goesOn,
    completed: ends,
    cancelled: goesOn,
    blocked: goesOn,
    archived: goesOn,
  },
  in_progress: {
    todo: restarts,
    in_progress: 'unchanged',
    in_review: goesOn,
    completed: ends,
    cancelled: goesOn,
    blocked: goesOn,
    archived: goesOn,
  },
  in_review: {
    todo: restarts,
    in_progress: begins,
    in_review: 'unchanged',
    completed: ends,
    cancelled: goesOn,
    blocked: goesOn,
    archived: goesOn,
  },
  completed: {
    todo: restarts,
    in_progress: begins,
    in_review: goesOn,
    completed: 'unchanged',
    cancelled: goesOn,
    blocked: goesOn,
    archived: goesOn,
  },
  cancelled: {
    todo: restarts,
    in_progress: begins,
    in_review: goesOn,
    completed: ends,
    cancelled: 'unchanged',
    blocked: goesOn,
    archived: goesOn,
  },
  blocked: {
    todo: restarts,
    in_progress: begins,
    in_review: goesOn,
    completed: ends,
    cancelled: goesOn,
    blocked: 'unchanged',
    archived: goesOn,
  },
  archived: {
    todo: restarts,
    in_progress: 'refused',
    in_review: 'refused',
    completed: 'refused',
    cancelled: 'refused',
    blocked: 'refused',
    archived: 'unchanged',
  },
};

/** The commands that do not set the status: each with what it changes, and done twice it changes nothing. */
const otherCommands: Readonly<Record<string, readonly [(task: Task) => Task, Partial<Task>]>> = {
  'change of a field': [(task) => changeTask(task, { title: 'New' }, now), { title: 'New' }],
  'link to a session': [(task) => addTaskSession(task, 'sess_2', now), { sessionIds: ['sess_1', 'sess_2'] }],
  'unlink from a session': [
    (task) => removeTaskSession(task, 'sess_1', now),
    { sessionIds: [], taskSessionStatuses: {} },
  ],
  'loss of another task': [
    (task) => removeTaskReferences(task, 'task_2', now),
    { dependencies: [], referenceTaskIds: ['task_3'] },
  ],
  'report of no progress': [
    (task) => setTaskSessionStatus(task, 'sess_1', undefined, now),
    { taskSessionStatuses: {} },
  ],
  ...Object.fromEntries(
    taskSessionStatusSchema.options
      .filter((progress) => progress !== 'queued')
      .map((progress) => [
        `report of ${progress}`,
        [
          (task: Task) => setTaskSessionStatus(task, 'sess_1', progress, now),
          { taskSessionStatuses: { sess_1: progress } },
        ],
      ]),
  ),
};

function taskIn(status: TaskStatus, times: { startedAt: number | null; completedAt: number | null }): Task {
  const input = { title: 'T', dependencies: ['task_2'], referenceTaskIds: ['task_2', 'task_3'] };
  const task = createTask('task_1', 'proj_p', input, 0);
  return { ...task, status, ...times, sessionIds: ['sess_1'], taskSessionStatuses: { sess_1: 'queued' } };
}

const fresh = { startedAt: null, completedAt: null };
const used = { startedAt: 1, completedAt: 2 };

describe.each(statuses)('a task that is %s', (from) => {
  it.each(statuses)('[TK2] [TK3] set to %s', (to) => {
    const expected = transitions[from][to];
    for (const [index, times] of [fresh, used].entries()) {
      const task = taskIn(from, times);
      const step = () => changeTask(task, { status: to }, now);
      if (expected === 'refused') {
        expect(step).toThrow(
          expect.objectContaining({ code: 'INVALID_TRANSITION', details: { from, to, allowed: ['todo'] } }),
        );
      } else if (expected === 'unchanged') {
        expect(step()).toBe(task);
      } else {
        const [startedAt, completedAt] = expected[index] ?? [];
        expect(step()).toEqual({ ...task, status: to, startedAt, completedAt, updatedAt: now });
      }
    }
  });

  it.each(Object.entries(otherCommands))(
    '[TK5] keeps its status and its times at a %s',
    (_, [step, changes]) => {
      const task = taskIn(from, used);
      const after = step(task);
      expect(after).toEqual({ ...task, ...changes, updatedAt: now });
      expect(step(after)).toBe(after);
    },
  );
});

describe('a task', () => {
  it('[TK13] is shortened so that a compact list of 50 stays under 8 KB', () => {
    for (const title of [
      'Say everything twice, '.repeat(20),
      '日本語'.repeat(50),
      '"\\'.repeat(90),
      'Short',
    ]) {
      const input = { title, priority: 'medium', parentId: 'task_01kjz8h0abcdefghjkmn' } as const;
      const task = {
        ...createTask('task_01kjz8h0abcdefghjkmn', 'proj_p', input, 0),
        status: 'in_progress' as const,
      };
      const lines = Array.from({ length: 50 }, () => toCompactTask(task));
      expect(Buffer.byteLength(JSON.stringify({ data: lines, nextCursor: 'x'.repeat(60) }))).toBeLessThan(
        8192,
      );
      expect(lines[0]?.title === title).toBe(title === 'Short');
    }
  });

  it('[TK14] loses an optional field by null, and keeps it by undefined', () => {
    const task = createTask(
      'task_1',
      'proj_p',
      { title: 'T', model: 'M', agentTool: 'codex', pinned: true },
      0,
    );
    expect(changeTask(task, { model: undefined, title: undefined }, 1)).toBe(task);
    const after = changeTask(task, { model: null, agentTool: null }, 1);
    expect(after).not.toHaveProperty('model');
    expect(after).not.toHaveProperty('agentTool');
    expect(after).toMatchObject({ pinned: true, updatedAt: 1 });
  });
});

import { hasPermission } from '../../domain/access/access.ts';
import { AppError, notFoundError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import type { Page } from '../../domain/values/page.ts';
import {
  changeTask,
  createTask,
  type Task,
  type TaskChanges,
  type TaskInput,
  type TaskSessionStatus,
} from '../../domain/work/task.ts';
import { setTaskSessionStatus } from '../../domain/work/task-progress.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import { assertVersionMatches, type Call } from '../access/call.ts';
import type { Query } from '../store/store.ts';
import { deleteTask } from './deletion.ts';
import { assertInReach } from './orchestrator-reach.ts';
import { requireWritableSession } from './session-access.ts';
import { markStarted } from './session-transition.ts';
import { checkReferences } from './task-references.ts';
import { linkTask, saveProgress, unlinkTask } from './task-session-links.ts';
import { runUnit, type UnitOfWork } from './unit-of-work.ts';

/** What a client may change of a task beside its fields: which sessions work at it, and how far each is. */
export interface TaskPatch extends TaskChanges {
  readonly sessionIds?: readonly string[] | undefined;
  readonly taskSessionStatuses?: Readonly<Record<string, TaskSessionStatus>> | undefined;
  /** `session` marks a report of that session: of all the rest only `sessionStatus` counts. */
  readonly updateSource?: 'user' | 'session' | undefined;
  readonly sessionId?: string | undefined;
  readonly sessionStatus?: TaskSessionStatus | undefined;
}

/** What may be done with tasks. */
export class TaskService {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /** The tasks the actor may see. */
  list(call: Call, query: Query<'tasks'>): Promise<Page<Task>> {
    return this.#open(call).read((reader) => reader.tasks.list(query));
  }

  /** One task. Throws NOT_FOUND. */
  get(call: Call, id: string): Promise<Task> {
    return this.#open(call).read((reader) => reader.tasks.require(id));
  }

  /** The tasks directly below one. Throws NOT_FOUND. */
  children(call: Call, id: string, query: Query<'tasks'>): Promise<Page<Task>> {
    return this.#open(call).read(async (reader) => {
      const { projectId } = await reader.tasks.require(id);
      return reader.tasks.list({ ...query, where: { ...query.where, projectId, parentId: id } });
    });
  }

  /** A new task. Throws NOT_FOUND, FORBIDDEN, VALIDATION_ERROR, ALREADY_EXISTS for a known externalId. */
  create(call: Call, projectId: string, input: TaskInput): Promise<Task> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(projectId);
      const task = createTask(newId('task', unit.now), projectId, input, unit.now);
      await checkReferences(unit.tx, undefined, task);
      await assertInReach(unit.tx, call, task, 'below');
      unit.putTask(task);
      return unit.saveAndGetTask(task.id);
    });
  }

  /** The task with the changes, or with a session's report. Throws NOT_FOUND, FORBIDDEN, INVALID_TRANSITION, …. */
  update(call: Call, id: string, patch: TaskPatch): Promise<Task> {
    const { updateSource, sessionId, sessionStatus, ...changes } = patch;
    return runUnit(this.#open(call), async (unit) => {
      assertVersionMatches(call, await unit.task(id));
      if (updateSource === 'session' && sessionId !== undefined)
        await applyReport(call, unit, id, sessionId, sessionStatus);
      else await applyPatch(call, unit, id, changes);
      return unit.saveAndGetTask(id);
    });
  }

  /** Deletes the task with its descendants and every mention of them. Throws NOT_FOUND, PRECONDITION_FAILED. */
  remove(call: Call, id: string): Promise<{ success: true; id: string }> {
    return runUnit(this.#open(call), async (unit) => {
      assertVersionMatches(call, await unit.task(id));
      await deleteTask(unit, id);
      return { success: true, id };
    });
  }
}

async function applyReport(
  call: Call,
  unit: UnitOfWork,
  taskId: string,
  sessionId: string,
  status: TaskSessionStatus | undefined,
): Promise<void> {
  const session = await requireWritableSession(call, unit, sessionId);
  if (!session.taskIds.includes(taskId))
    await assertInReach(unit.tx, call, await unit.task(taskId), 'own and below');
  await markStarted(unit, sessionId);
  await linkTask(unit, sessionId, taskId);
  if (status !== undefined) await saveProgress(unit, sessionId, taskId, status);
}

async function applyPatch(
  call: Call,
  unit: UnitOfWork,
  id: string,
  { sessionIds, taskSessionStatuses, ...changes }: TaskPatch,
): Promise<void> {
  if (!hasPermission(call.actor, 'task:update')) {
    throw new AppError(
      'FORBIDDEN',
      'A token bound to a session reports with updateSource "session", its sessionId and a sessionStatus; the task itself is not its to change.',
    );
  }
  const before = await unit.task(id);
  const after = changeTask(before, changes, unit.now);
  await checkReferences(unit.tx, before, after);
  await assertInReach(unit.tx, call, before, 'below');
  await assertInReach(unit.tx, call, after, 'below');
  if (call.actor.sessionId !== undefined && (sessionIds ?? taskSessionStatuses) !== undefined) {
    throw new AppError(
      'FORBIDDEN',
      'A token bound to a session links tasks with POST /api/sessions/:id/tasks/:taskId, and reports the progress of its own session only.',
    );
  }
  unit.putTask(after);
  if (sessionIds !== undefined) {
    for (const sessionId of sessionIds) await linkTask(unit, sessionId, id);
    for (const sessionId of before.sessionIds) {
      if (!sessionIds.includes(sessionId)) await unlinkTask(unit, sessionId, id);
    }
  }
  for (const [sessionId, status] of Object.entries(taskSessionStatuses ?? {})) {
    if ((await unit.session(sessionId)).projectId !== before.projectId)
      throw notFoundError('session', sessionId);
    // A status that is set beside the progress wins over what would follow from that.
    if (changes.status === undefined) await saveProgress(unit, sessionId, id, status);
    else unit.putTask(setTaskSessionStatus(await unit.task(id), sessionId, status, unit.now));
  }
}

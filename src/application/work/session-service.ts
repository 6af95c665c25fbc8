import { AppError } from '../../domain/errors.ts';
import type { Some } from '../../domain/values/entity.ts';
import { newId } from '../../domain/values/id.ts';
import { mapPage, type Page } from '../../domain/values/page.ts';
import { mayStop } from '../../domain/work/launch.ts';
import {
  hasEnded,
  type Session,
  type SessionStatus,
  type SessionView,
  sessionStatusSchema,
  touchSession,
} from '../../domain/work/session.ts';
import type { Activity, TimelineEntry } from '../../domain/work/timeline.ts';
import type { Open } from '../access/actor-store.ts';
import { assertMatch, type Call } from '../access/call.ts';
import type { Query } from '../store/store.ts';
import { deleteSession } from './deletion.ts';
import { noteReport, ownSession } from './session-access.ts';
import { moveTo } from './session-transition.ts';
import { viewSession } from './session-view.ts';
import { linkTask, openQueue, unlinkTask } from './task-session-links.ts';
import { runUnit, type UnitOfWork } from './unit-of-work.ts';

/** The machine this server runs on, as sessions name it. */
export interface HostInfo {
  readonly hostname: string;
  readonly platform: string;
}

/** What a client says of a new session. */
export interface SessionInput
  extends Some<Pick<Session, 'name' | 'env' | 'strategy' | 'agentId' | 'metadata' | 'status'>> {
  readonly id?: string | undefined;
  readonly projectId: string;
  readonly taskIds: readonly string[];
}

/** What a client may change of a session. */
export interface SessionPatch {
  readonly taskIds?: readonly string[] | undefined;
  readonly status?: SessionStatus | undefined;
  readonly agentId?: string | undefined;
  readonly env?: Session['env'] | undefined;
  readonly needsInput?: Session['needsInput'] | undefined;
  /** Entries to append, each with what the client knows of it. */
  readonly timeline?: readonly (Some<TimelineEntry> & Pick<TimelineEntry, 'type'>)[] | undefined;
  readonly events?: readonly (Some<Activity> & Pick<Activity, 'type'>)[] | undefined;
}

const activeStatuses: readonly (string | null)[] = sessionStatusSchema.options.filter(
  (status) => !hasEnded(status),
);

/** What may be done with sessions. */
export class SessionService {
  readonly #open: Open;
  readonly #host: HostInfo;

  constructor(open: Open, host: HostInfo) {
    this.#open = open;
    this.#host = host;
  }

  /** The sessions the actor may see; `active` leaves out those that have ended. */
  list(call: Call, query: Query<'sessions'>, active: boolean): Promise<Page<SessionView>> {
    const asked = query.where?.status;
    const wanted = asked === undefined ? sessionStatusSchema.options : [asked].flat();
    const status = active ? wanted.filter((one) => activeStatuses.includes(one)) : asked;
    return this.#open(call).read(async (reader) =>
      mapPage(await reader.sessions.list({ ...query, where: { ...query.where, status } }), (session) =>
        viewSession(reader, session),
      ),
    );
  }

  /** One session. Throws NOT_FOUND. */
  get(call: Call, id: string): Promise<SessionView> {
    return this.#open(call).read(async (reader) => viewSession(reader, await reader.sessions.require(id)));
  }

  /** A new session linked to its tasks, with a queue of them when its strategy says so. Throws ALREADY_EXISTS, …. */
  create(call: Call, input: SessionInput): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await unit.tx.projects.require(input.projectId);
      const session = newSession(input, this.#host, unit.now);
      await assertFree(unit, session.id);
      unit.putSession(session);
      await unit.addEntry(session.id, { type: 'session_started', message: `Started: ${session.name}` });
      for (const taskId of new Set(input.taskIds)) await linkTask(unit, session.id, taskId);
      if (session.strategy === 'queue') await openQueue(unit, await unit.session(session.id));
      return unit.savedSession(session.id);
    });
  }

  /** The session with the changes. Throws NOT_FOUND, FORBIDDEN, INVALID_TRANSITION, PRECONDITION_FAILED. */
  update(call: Call, id: string, patch: SessionPatch): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      const session = await ownSession(call, unit, id);
      assertMatch(call, session);
      const { agentId, env, needsInput } = patch;
      unit.putSession(
        touchSession(
          session,
          {
            ...(agentId === undefined ? {} : { agentId }),
            ...(env === undefined ? {} : { env: { ...session.env, ...env } }),
            ...(needsInput === undefined
              ? {}
              : { needsInput: needsInput.active ? { since: unit.now, ...needsInput } : needsInput }),
          },
          unit.now,
        ),
      );
      if (patch.taskIds !== undefined) await replaceTasks(call, unit, session, patch.taskIds);
      if (patch.status !== undefined && mayMove(call, session, patch.status))
        await moveTo(unit, id, patch.status);
      if (isReport(patch)) await noteReport(unit, id);
      for (const entry of patch.timeline ?? []) await unit.addEntry(id, entry);
      for (const activity of patch.events ?? []) await unit.addActivity(id, activity);
      return unit.savedSession(id);
    });
  }

  /** Deletes the session, its queue and every mention of it. Throws NOT_FOUND, PRECONDITION_FAILED. */
  remove(call: Call, id: string): Promise<{ success: true; id: string }> {
    return runUnit(this.#open(call), async (unit) => {
      assertMatch(call, await unit.session(id));
      await deleteSession(unit, id);
      return { success: true, id };
    });
  }

  /** Links a task; a second time changes nothing. Throws NOT_FOUND. */
  addTask(call: Call, id: string, taskId: string): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await linkTask(unit, id, taskId);
      return unit.savedSession(id);
    });
  }

  /** Undoes the link to a task; a second time changes nothing. Throws NOT_FOUND. */
  removeTask(call: Call, id: string, taskId: string): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await unlinkTask(unit, id, taskId);
      return unit.savedSession(id);
    });
  }
}

/** Dashboards stop whatever has no terminal of theirs: of a claimed session that is ignored, not refused. */
function mayMove({ actor }: Call, session: Session, status: SessionStatus): boolean {
  return status !== 'stopped' || mayStop(actor, session);
}

function isReport({ status, timeline, events, needsInput }: SessionPatch): boolean {
  return status === undefined && (timeline ?? events ?? needsInput) !== undefined;
}

function newSession(input: SessionInput, host: HostInfo, now: number): Session {
  const { agentId, metadata, status = 'idle' } = input;
  return {
    id: input.id ?? newId('sess', now),
    projectId: input.projectId,
    taskIds: [],
    name: input.name ?? 'Unnamed Session',
    ...(agentId === undefined ? {} : { agentId }),
    env: input.env ?? {},
    strategy: input.strategy ?? 'simple',
    status,
    startedAt: now,
    lastActivity: now,
    completedAt: hasEnded(status) ? now : null,
    ...host,
    ...(metadata === undefined ? {} : { metadata }),
    version: 1,
  };
}

/** Ids differ in more than case, since a file system may not tell them apart. Throws ALREADY_EXISTS. */
async function assertFree(unit: UnitOfWork, id: string): Promise<void> {
  const { items } = await unit.tx.sessions.list({ where: { idIgnoringCase: id.toLowerCase() }, limit: 1 });
  if (items.length === 0) return;
  throw new AppError('ALREADY_EXISTS', `There is a session ${items[0]?.id}; change it, or take another id.`, {
    id,
  });
}

async function replaceTasks(
  call: Call,
  unit: UnitOfWork,
  session: Session,
  taskIds: readonly string[],
): Promise<void> {
  if (call.actor.sessionId !== undefined && taskIds.some((id) => !session.taskIds.includes(id))) {
    throw new AppError('FORBIDDEN', 'A token bound to a session cannot take on tasks for it.');
  }
  for (const taskId of taskIds) await linkTask(unit, session.id, taskId);
  for (const taskId of session.taskIds) {
    if (!taskIds.includes(taskId)) await unlinkTask(unit, session.id, taskId);
  }
}

import { AppError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import type { OptionalFields } from '../../domain/values/immutable.ts';
import { mapPage, type Page } from '../../domain/values/page.ts';
import { canStopSession } from '../../domain/work/launch.ts';
import {
  changeNeedsInput,
  changeSession,
  isTerminalStatus,
  type Session,
  type SessionStatus,
  type SessionView,
  sessionStatusSchema,
} from '../../domain/work/session.ts';
import type { SessionActivity, TimelineEntry } from '../../domain/work/timeline.ts';
import type { ActorStoreFactory } from '../access/actor-store.ts';
import { assertVersionMatches, type Call } from '../access/call.ts';
import type { Query } from '../store/store.ts';
import { deleteSession } from './deletion.ts';
import { assertMayLink } from './orchestrator-reach.ts';
import { requireWritableSession } from './session-access.ts';
import { applySessionTransition, markStarted } from './session-transition.ts';
import { viewSession } from './session-view.ts';
import { createSessionQueue, linkTask, unlinkTask } from './task-session-links.ts';
import { runUnit, type UnitOfWork } from './unit-of-work.ts';

/** The machine this server runs on, as sessions name it. */
export interface HostInfo {
  readonly hostname: string;
  readonly platform: string;
}

/** What a client says of a new session. */
export interface SessionInput
  extends OptionalFields<Pick<Session, 'name' | 'env' | 'strategy' | 'agentId' | 'metadata' | 'status'>> {
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
  readonly timeline?: readonly (OptionalFields<TimelineEntry> & Pick<TimelineEntry, 'type'>)[] | undefined;
  readonly events?: readonly (OptionalFields<SessionActivity> & Pick<SessionActivity, 'type'>)[] | undefined;
}

const activeStatuses: readonly (string | null)[] = sessionStatusSchema.options.filter(
  (status) => !isTerminalStatus(status),
);

/** What may be done with sessions. */
export class SessionService {
  readonly #open: ActorStoreFactory;
  readonly #host: HostInfo;

  constructor(open: ActorStoreFactory, host: HostInfo) {
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
      await assertIdAvailable(unit, session.id);
      unit.putSession(session);
      await unit.addTimelineEntry(session.id, {
        type: 'session_started',
        message: `Started: ${session.name}`,
      });
      for (const taskId of new Set(input.taskIds)) await linkTask(unit, session.id, taskId);
      if (session.strategy === 'queue') await createSessionQueue(unit, await unit.session(session.id));
      return unit.saveAndViewSession(session.id);
    });
  }

  /** The session with the changes. Throws NOT_FOUND, FORBIDDEN, INVALID_TRANSITION, PRECONDITION_FAILED. */
  update(call: Call, id: string, patch: SessionPatch): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      const session = await requireWritableSession(call, unit, id);
      assertVersionMatches(call, session);
      assertMayResume(call, session, patch.status);
      const { agentId, env, needsInput } = patch;
      unit.putSession(
        changeSession(
          session,
          {
            ...(agentId === undefined ? {} : { agentId }),
            ...(env === undefined ? {} : { env: { ...session.env, ...env } }),
            ...(needsInput === undefined
              ? {}
              : { needsInput: changeNeedsInput(session.needsInput, needsInput, unit.now) }),
          },
          unit.now,
        ),
      );
      if (patch.taskIds !== undefined) await replaceTasks(call, unit, session, patch.taskIds);
      if (patch.status !== undefined && mayTransition(call, session, patch.status))
        await applySessionTransition(unit, id, patch.status);
      if (isReport(patch)) await markStarted(unit, id);
      for (const entry of patch.timeline ?? []) await unit.addTimelineEntry(id, entry);
      for (const activity of patch.events ?? []) await unit.addActivity(id, activity);
      return unit.saveAndViewSession(id);
    });
  }

  /** Deletes the session, its queue and every mention of it. Throws NOT_FOUND, PRECONDITION_FAILED. */
  remove(call: Call, id: string): Promise<{ success: true; id: string }> {
    return runUnit(this.#open(call), async (unit) => {
      assertVersionMatches(call, await unit.session(id));
      await deleteSession(unit, id);
      return { success: true, id };
    });
  }

  /** Links a task; a second time changes nothing. Throws NOT_FOUND, FORBIDDEN. */
  addTask(call: Call, id: string, taskId: string): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await assertMayLink(unit.tx, call, await unit.session(id), await unit.task(taskId));
      await linkTask(unit, id, taskId);
      return unit.saveAndViewSession(id);
    });
  }

  /** Undoes the link to a task; a second time changes nothing. Throws NOT_FOUND, FORBIDDEN. */
  removeTask(call: Call, id: string, taskId: string): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await assertMayLink(unit.tx, call, await unit.session(id), await unit.task(taskId));
      await unlinkTask(unit, id, taskId);
      return unit.saveAndViewSession(id);
    });
  }
}

/** Dashboards stop whatever has no terminal of theirs: of a claimed session that is ignored, not refused. */
function mayTransition({ actor }: Call, session: Session, status: SessionStatus): boolean {
  return status !== 'stopped' || canStopSession(actor, session);
}

/** Whoever stopped a session decides whether it goes on, not its agent. Throws FORBIDDEN. */
function assertMayResume({ actor }: Call, session: Session, status: SessionStatus | undefined): void {
  if (actor.sessionId !== session.id || session.status !== 'stopped') return;
  if (status === undefined || isTerminalStatus(status)) return;
  throw new AppError(
    'FORBIDDEN',
    'This session was stopped; its own token can say what it came to, and not resume it.',
  );
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
    completedAt: isTerminalStatus(status) ? now : null,
    ...host,
    ...(metadata === undefined ? {} : { metadata }),
    version: 1,
  };
}

/** Ids differ in more than case, since a file system may not tell them apart. Throws ALREADY_EXISTS. */
async function assertIdAvailable(unit: UnitOfWork, id: string): Promise<void> {
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

import type { EventData, EventName } from '../../domain/events.ts';
import { newId } from '../../domain/values/id.ts';
import { type OptionalFields, omitUndefined } from '../../domain/values/immutable.ts';
import type { Queue, QueueTransition } from '../../domain/work/queue.ts';
import type { ItemStep } from '../../domain/work/queue-end.ts';
import { markActive, type Session, type SessionView } from '../../domain/work/session.ts';
import type { Task } from '../../domain/work/task.ts';
import type { SessionActivity, TimelineEntry } from '../../domain/work/timeline.ts';
import type { ActorStore, ActorTransaction } from '../access/actor-store.ts';
import { notifySessionChange, notifyTaskChange } from './notifications.ts';
import { type KnownCounts, viewSession } from './session-view.ts';

interface TrackedChange<T> {
  /** As the transaction found it, undefined when this unit creates it. */
  before: T | undefined;
  after: T;
}

/**
 * The tasks and sessions one use case changes. However often it changes one, that is stored once, told once by its
 * event, and noted once for each edge its status crossed: so every path to a status tells the same news.
 */
export class UnitOfWork {
  readonly tx: ActorTransaction;
  readonly #tasks = new Map<string, TrackedChange<Task>>();
  readonly #sessions = new Map<string, TrackedChange<Session>>();
  readonly #deferredEvents: (() => void)[] = [];
  /** How long the logs are that this unit appended to. */
  readonly #counts = new Map<string, KnownCounts>();
  /** The sessions as they were last stored, with their logs. */
  readonly #views = new Map<string, SessionView>();

  constructor(tx: ActorTransaction) {
    this.tx = tx;
  }

  get now(): number {
    return this.tx.now;
  }

  /** The task as changed so far. Throws NOT_FOUND. */
  async task(id: string): Promise<Task> {
    const draft = this.#tasks.get(id);
    if (draft !== undefined) return draft.after;
    const before = await this.tx.tasks.require(id);
    this.#tasks.set(id, { before, after: before });
    return before;
  }

  /** The task as changed so far, undefined when there is none. */
  async findTask(id: string): Promise<Task | undefined> {
    const tracked = this.#tasks.get(id);
    if (tracked !== undefined) return tracked.after;
    const before = await this.tx.tasks.get(id);
    if (before !== undefined) this.#tasks.set(id, { before, after: before });
    return before;
  }

  /** The session as changed so far. Throws NOT_FOUND. */
  async session(id: string): Promise<Session> {
    const draft = this.#sessions.get(id);
    if (draft !== undefined) return draft.after;
    const before = await this.tx.sessions.require(id);
    this.#sessions.set(id, { before, after: before });
    return before;
  }

  /** Takes the task as the next state of it, or as a new one. */
  putTask(task: Task): void {
    this.#tasks.set(task.id, { before: this.#tasks.get(task.id)?.before, after: task });
  }

  /** Takes the session as the next state of it, or as a new one. */
  putSession(session: Session): void {
    this.#sessions.set(session.id, { before: this.#sessions.get(session.id)?.before, after: session });
  }

  /** Takes the task out of the unit: it is deleted, and says nothing more. */
  detachTask(id: string): void {
    this.#tasks.delete(id);
  }

  /** Takes the session out of the unit: it is deleted, and says nothing more. */
  detachSession(id: string): void {
    this.#sessions.delete(id);
    this.#counts.delete(id);
    this.#views.delete(id);
  }

  /** Emits an event before the updates of this unit, after its creations. */
  deferEvent<Name extends EventName>(name: Name, data: EventData<Name>): void {
    this.#deferredEvents.push(() => this.tx.emit(name, data));
  }

  /** Adds an entry to the timeline of the session. */
  async addTimelineEntry(
    sessionId: string,
    entry: OptionalFields<TimelineEntry> & Pick<TimelineEntry, 'type'>,
  ): Promise<void> {
    const session = await this.session(sessionId);
    const { type, ...said } = entry;
    const entryCount = await this.tx.timeline.append(session, {
      type,
      ...this.#entryHeader(),
      ...omitUndefined(said),
    });
    this.#counts.set(sessionId, { ...this.#counts.get(sessionId), timeline: entryCount });
    this.#markActive(session);
  }

  /** Adds an event that the tools of the session noticed. */
  async addActivity(
    sessionId: string,
    activity: OptionalFields<SessionActivity> & Pick<SessionActivity, 'type'>,
  ): Promise<void> {
    const session = await this.session(sessionId);
    const { type, ...said } = activity;
    const entryCount = await this.tx.activity.append(session, {
      type,
      ...this.#entryHeader(),
      ...omitUndefined(said),
    });
    this.#counts.set(sessionId, { ...this.#counts.get(sessionId), activity: entryCount });
    this.#markActive(session);
  }

  /** Notes that something of the session changed that lies outside of its record. */
  async markActive(sessionId: string): Promise<void> {
    this.#markActive(await this.session(sessionId));
  }

  /** Stores a step of a queue and emits its event. */
  saveQueueTransition(
    event: ItemStep['event'],
    { queue, item, index }: QueueTransition,
    reason?: string,
  ): Promise<Queue> {
    return this.saveQueue(queue, [{ event, item, index, reason }]);
  }

  /** Stores a queue after steps of its items, and emits the event of each. */
  async saveQueue(queue: Queue, steps: readonly ItemStep[]): Promise<Queue> {
    const stored = await this.tx.queues.update(queue);
    const { sessionId, projectId, currentIndex, updatedAt, version } = stored;
    const about = { sessionId, projectId, currentIndex, updatedAt, version };
    for (const { event, item, index, reason } of steps) {
      const data = { ...about, taskId: item.taskId, item, index };
      this.deferEvent(event, reason === undefined ? data : { ...data, reason });
    }
    await this.markActive(sessionId);
    return stored;
  }

  /** Stores what changed and emits its events: creations, links, updates, news. May be called again. */
  async save(): Promise<void> {
    const tasks = [...this.#tasks.values()].filter((draft) => draft.before !== draft.after);
    const sessions = [...this.#sessions.values()].filter((draft) => draft.before !== draft.after);
    for (const draft of tasks) await this.#store('tasks', draft);
    for (const draft of sessions) await this.#store('sessions', draft);
    for (const { after } of sessions)
      this.#views.set(after.id, await viewSession(this.tx, after, this.#counts.get(after.id)));
    const view = (session: Session) => this.#views.get(session.id) as SessionView;

    for (const { before, after } of tasks) if (before === undefined) this.tx.emit('task:created', after);
    for (const { before, after } of sessions)
      if (before === undefined) this.tx.emit('session:created', view(after));
    for (const emit of this.#deferredEvents.splice(0)) emit();
    for (const { before, after } of tasks) if (before !== undefined) this.tx.emit('task:updated', after);
    for (const { before, after } of sessions)
      if (before !== undefined) this.tx.emit('session:updated', view(after));
    for (const { before, after } of tasks) notifyTaskChange(this.tx, before, after);
    for (const { before, after } of sessions) notifySessionChange(this.tx, before, after);

    for (const { after } of tasks) this.#tasks.set(after.id, { before: after, after });
    for (const { after } of sessions) this.#sessions.set(after.id, { before: after, after });
  }

  /** The task as stored. */
  async saveAndGetTask(id: string): Promise<Task> {
    await this.save();
    return this.task(id);
  }

  /** The session as stored, with its logs. */
  async saveAndViewSession(id: string): Promise<SessionView> {
    await this.save();
    return this.#views.get(id) ?? viewSession(this.tx, await this.session(id));
  }

  #entryHeader() {
    return { id: newId('evt', this.now), timestamp: this.now };
  }

  #markActive(session: Session): void {
    this.putSession(markActive(session, this.now));
  }

  async #store<K extends 'tasks' | 'sessions'>(
    kind: K,
    draft: TrackedChange<Task> | TrackedChange<Session>,
  ): Promise<void> {
    const repository = this.tx[kind];
    const write = draft.before === undefined ? repository.insert : repository.update;
    // The draft was taken from the map of its kind.
    draft.after = await (write as (entity: unknown) => Promise<never>).call(repository, draft.after);
  }
}

/** Runs one use case over tasks, sessions and queues as one transaction; what it changed is stored at its end. */
export function runUnit<T>(store: ActorStore, work: (unit: UnitOfWork) => Promise<T>): Promise<T> {
  return store.transaction(async (tx) => {
    const unit = new UnitOfWork(tx);
    const value = await work(unit);
    await unit.save();
    return value;
  });
}

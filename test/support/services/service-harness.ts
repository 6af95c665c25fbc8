import type { ActorStoreFactory } from '../../../src/application/access/actor-store.ts';
import { type Call, callBy } from '../../../src/application/access/call.ts';
import type { EventBus } from '../../../src/application/events/event-bus.ts';
import { createServices, type Services } from '../../../src/application/services.ts';
import type { EventRecord, Store } from '../../../src/application/store/store.ts';
import type { Actor } from '../../../src/domain/access/access.ts';
import type { Manifest } from '../../../src/domain/agents/manifest.ts';
import type { EventName } from '../../../src/domain/events.ts';
import type { MemoryStoreOptions } from '../../storage/model/memory-store.ts';
import { openConfiguredStore } from '../stores/configured-store.ts';
import { createServiceDependencies } from './store-services.ts';

/** Services over a store, with what their tests need. */
export interface ServiceHarness {
  readonly open: ActorStoreFactory;
  readonly bus: EventBus;
  readonly services: Services;
  readonly store: Store;
  /** The manifests that were written, by the id of their session. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** Every event committed so far, in order. */
  readonly events: EventRecord[];
  /** The names of the events that `work` committed, in order. */
  eventNamesOf(work: () => Promise<unknown>): Promise<EventName[]>;
  /** The time of the clock, in epoch milliseconds. */
  now(): number;
  /** Advances the clock. */
  advanceClock(milliseconds: number): void;
}

export const admin: Actor = { id: 'admin', role: 'admin', projects: '*' };

/** A call by the admin, or by another actor. */
export function createCall(actor: Partial<Actor> = {}, extra?: Omit<Call, 'actor' | 'outcome'>): Call {
  return callBy({ ...admin, ...actor }, extra);
}

/** Opens the services over an empty store, the one of this run or another, with a clock that the test advances. */
export function openServices(options: MemoryStoreOptions = {}, other?: Store): ServiceHarness {
  let now = 1_770_000_000_000;
  const store = other ?? openConfiguredStore({ now: () => now, ...options });
  const manifests = new Map<string, Manifest>();
  const dependencies = createServiceDependencies(store, { now: () => now, manifests });
  const events: EventRecord[] = [];
  store.onCommit((committed) => void events.push(...committed));
  return {
    open: dependencies.open,
    bus: dependencies.bus,
    services: createServices(dependencies),
    store,
    manifests,
    events,
    async eventNamesOf(work) {
      const start = events.length;
      await work();
      return events.slice(start).map((event) => event.name);
    },
    now: () => now,
    advanceClock(milliseconds) {
      now += milliseconds;
    },
  };
}

/** A project with tasks of these titles. */
export async function projectWithTasks(harness: ServiceHarness, ...titles: string[]) {
  const project = await harness.services.projects.create(createCall(), { name: 'Project' });
  const tasks = [];
  for (const title of titles)
    tasks.push(await harness.services.tasks.create(createCall(), project.id, { title }));
  return { project, tasks, taskIds: tasks.map((task) => task.id) };
}

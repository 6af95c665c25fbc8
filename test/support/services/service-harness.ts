import {
  type ActorStoreFactory,
  createActorStoreFactory,
} from '../../../src/application/access/actor-store.ts';
import { type Call, callBy } from '../../../src/application/access/call.ts';
import type { SignToken } from '../../../src/application/access/token-service.ts';
import { EventBus } from '../../../src/application/events/event-bus.ts';
import { createServices, type Services } from '../../../src/application/services.ts';
import type { EventRecord, Store } from '../../../src/application/store/store.ts';
import type { Actor } from '../../../src/domain/access/access.ts';
import type { Manifest } from '../../../src/domain/agents/manifest.ts';
import type { EventName } from '../../../src/domain/events.ts';
import { shortDigest } from '../../../src/system/process/short-digest.ts';
import type { MemoryStoreOptions } from '../../storage/model/memory-store.ts';
import { sampleSkills } from '../samples/sample-skills.ts';
import { openConfiguredStore } from '../stores/configured-store.ts';
import { createSpawnDependencies } from './spawn-dependencies.ts';

/** The services over a store, with what the tests of services need beside them. */
export interface ServiceHarness {
  readonly open: ActorStoreFactory;
  readonly bus: EventBus;
  readonly services: Services;
  readonly store: Store;
  /** The manifests that lie ready, by their sessions. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** Every event committed so far, in order. */
  readonly events: EventRecord[];
  /** The names of the events that `work` committed, in order. */
  eventNamesOf(work: () => Promise<unknown>): Promise<EventName[]>;
  /** What the clock says. */
  now(): number;
  /** Moves the clock on by so many milliseconds. */
  advanceClock(milliseconds: number): void;
}

export const admin: Actor = { id: 'admin', role: 'admin', projects: '*' };

/** A call by the admin, or by another actor. */
export function createCall(actor: Partial<Actor> = {}, extra?: Omit<Call, 'actor' | 'outcome'>): Call {
  return callBy({ ...admin, ...actor }, extra);
}

/** Opens the services over an empty store, which is that of this run or another, on a clock that the test moves. */
export function openServices(options: MemoryStoreOptions = {}, other?: Store): ServiceHarness {
  let now = 1_770_000_000_000;
  const store = other ?? openConfiguredStore({ now: () => now, ...options });
  const bus = new EventBus((fault) => {
    throw fault;
  });
  const events: EventRecord[] = [];
  store.onCommit((committed) => {
    bus.publish(committed);
    events.push(...committed);
  });
  const host = { hostname: 'here', platform: 'test' };
  const sockets = { status: () => [] };
  const signToken: SignToken = (record) => `signed:${record.id}`;
  const open = createActorStoreFactory(store);
  const manifests = new Map<string, Manifest>();
  return {
    open,
    bus,
    services: createServices({
      ...{ store, open, bus, host, signToken, digest: shortDigest, sockets, now: () => now },
      ...createSpawnDependencies(manifests),
      skills: sampleSkills,
    }),
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
export async function projectWithTasks(bench: ServiceHarness, ...titles: string[]) {
  const project = await bench.services.projects.create(createCall(), { name: 'Project' });
  const tasks = [];
  for (const title of titles)
    tasks.push(await bench.services.tasks.create(createCall(), project.id, { title }));
  return { project, tasks, taskIds: tasks.map((task) => task.id) };
}

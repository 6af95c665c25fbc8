import { createActorStoreFactory } from '../../../src/application/access/actor-store.ts';
import { EventBus } from '../../../src/application/events/event-bus.ts';
import { createServices, type Services } from '../../../src/application/services.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { shortDigest } from '../../../src/system/process/short-digest.ts';
import { sampleSkills } from '../samples/sample-skills.ts';
import { createSpawnDependencies } from './spawn-dependencies.ts';

/** The services over a store, on the clock of this machine. */
export function createStoreServices(store: Store): Services {
  const bus = new EventBus((fault) => {
    throw fault;
  });
  store.onCommit((events) => bus.publish(events));
  return createServices({
    store,
    open: createActorStoreFactory(store),
    bus,
    host: { hostname: 'here', platform: 'test' },
    signToken: (record) => `signed:${record.id}`,
    digest: shortDigest,
    ...createSpawnDependencies(),
    sockets: { status: () => [] },
    skills: sampleSkills,
    now: Date.now,
  });
}

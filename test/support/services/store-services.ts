import { createActorStoreFactory } from '../../../src/application/access/actor-store.ts';
import { EventBus } from '../../../src/application/events/event-bus.ts';
import {
  createServices,
  type ServiceDependencies,
  type Services,
} from '../../../src/application/services.ts';
import type { Store } from '../../../src/application/store/store.ts';
import type { Manifest } from '../../../src/domain/agents/manifest.ts';
import { shortDigest } from '../../../src/system/process/short-digest.ts';
import { sampleSkills } from '../samples/sample-skills.ts';
import { createSpawnDependencies } from './spawn-dependencies.ts';

/** What services over a store depend on, on the clock of this machine unless another is given. */
export function createServiceDependencies(
  store: Store,
  {
    now = Date.now,
    manifests,
  }: { readonly now?: () => number; readonly manifests?: Map<string, Manifest> } = {},
): ServiceDependencies {
  const bus = new EventBus((error) => {
    throw error;
  });
  store.onCommit((events) => bus.publish(events));
  return {
    store,
    open: createActorStoreFactory(store),
    bus,
    host: { hostname: 'here', platform: 'test' },
    signToken: (record) => `signed:${record.id}`,
    digest: shortDigest,
    ...createSpawnDependencies(manifests),
    sockets: { status: () => [] },
    skills: sampleSkills,
    now,
  };
}

/** The services over a store. */
export function createStoreServices(store: Store): Services {
  return createServices(createServiceDependencies(store));
}

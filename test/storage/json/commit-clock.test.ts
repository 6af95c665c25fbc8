import { expect, it, onTestFinished } from 'vitest';
import { createCall, openServices } from '../../support/services/service-harness.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';
import { openStoreIn } from './disposable-store.ts';

it('[JS109] gives what is committed later no earlier time, when the clock is set back and over a restart', async () => {
  const hour = 3_600_000;
  const dataDir = await createTempFolder();
  let now = 1_770_000_000_000;
  const open = async () => {
    const store = await openStoreIn(dataDir, { now: () => now });
    onTestFinished(() => store.close());
    return { store, services: openServices({}, store).services };
  };
  const first = await open();
  const { id: projectId } = await first.services.projects.create(createCall(), { name: 'Clock' });
  const create = (services: typeof first.services, title: string) =>
    services.tasks.create(createCall(), projectId, { title });
  const one = await create(first.services, 'one');
  now -= hour;
  const two = await create(first.services, 'two');
  expect(two.createdAt).toBe(one.createdAt);
  await first.store.close();
  now -= hour;
  const second = await open();
  expect((await create(second.services, 'three')).createdAt).toBe(one.createdAt);
  const changed = await second.services.tasks.update(createCall(), one.id, { title: 'changed' });
  expect(changed.updatedAt).toBeGreaterThanOrEqual(changed.createdAt);
  // A clock that was wrong by more is followed, and still no task is changed before it was made.
  now -= hour;
  const late = await create(second.services, 'four');
  expect(late.createdAt).toBe(now);
  const again = await second.services.tasks.update(createCall(), one.id, { title: 'again' });
  expect(again.updatedAt).toBe(one.createdAt);
});

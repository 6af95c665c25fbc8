import type { Services } from '../../../src/application/services.ts';
import type { Store } from '../../../src/application/store/store.ts';
import { createNodeFileSystem } from '../../../src/storage/json/disk/node-file-system.ts';
import type { JsonStoreOptions } from '../../../src/storage/json/json-store-options.ts';
import { openJsonStore } from '../../../src/storage/json/open-json-store.ts';
import { type Fixture, makeFixture } from '../samples/endpoint-samples.ts';
import { createCall } from '../services/service-harness.ts';
import { createStoreServices } from '../services/store-services.ts';
import { createTempFolder } from './temp-folder.ts';

/** Opens a store in the folder and does the work with it and its services. */
export async function withStoreIn<T>(
  dataDir: string,
  work: (services: Services, store: Store) => Promise<T>,
  options: Partial<JsonStoreOptions> = {},
): Promise<T> {
  const store = await openJsonStore({ dataDir, files: createNodeFileSystem(), ...options });
  try {
    return await work(createStoreServices(store), store);
  } finally {
    await store.close();
  }
}

/** A data folder with something of everything in it, made by the services and stopped in order. */
export async function createFilledFolder(): Promise<{ readonly dataDir: string; readonly fixture: Fixture }> {
  const dataDir = `${await createTempFolder()}/data`;
  const fixture = await withStoreIn(dataDir, async (services) => {
    const made = await makeFixture(services);
    const { projectId, taskId, sessionId, freeTaskId } = made;
    await services.queues.start(createCall(), sessionId, 0);
    await services.queues.complete(createCall(), sessionId);
    await services.queues.start(createCall(), sessionId, 0);
    await services.sessionLogs.addDocument(createCall(), sessionId, {
      title: 'T',
      filePath: '/t',
      content: 'Text',
      taskId,
    });
    await services.tasks.update(createCall(), freeTaskId, { status: 'in_review', dependencies: [taskId] });
    const other = await services.sessions.create(createCall(), { projectId, taskIds: [taskId] });
    await services.sessions.remove(createCall(), other.id);
    return made;
  });
  return { dataDir, fixture };
}

import type { Services } from '../../src/application/services.ts';
import type { Store } from '../../src/application/store/store.ts';
import { nodeFileSystem } from '../../src/storage/json/disk/node-file-system.ts';
import { openJsonStore } from '../../src/storage/json/json-store.ts';
import type { JsonStoreOptions } from '../../src/storage/json/json-store-options.ts';
import { type Fixture, makeFixture } from './endpoint-samples.ts';
import { call } from './open-services.ts';
import { servicesOver } from './services-over.ts';
import { tempFolder } from './temp-folder.ts';

/** Opens a store in the folder and does the work with it and its services. */
export async function withFolder<T>(
  dataDir: string,
  work: (services: Services, store: Store) => Promise<T>,
  options: Partial<JsonStoreOptions> = {},
): Promise<T> {
  const store = await openJsonStore({ dataDir, files: nodeFileSystem(), ...options });
  try {
    return await work(servicesOver(store), store);
  } finally {
    await store.close();
  }
}

/** A data folder with something of everything in it, made by the services and stopped in order. */
export async function filledFolder(): Promise<{ readonly dataDir: string; readonly fixture: Fixture }> {
  const dataDir = `${await tempFolder()}/data`;
  const fixture = await withFolder(dataDir, async (services) => {
    const made = await makeFixture(services);
    const { projectId, taskId, sessionId, freeTaskId } = made;
    await services.queues.start(call(), sessionId, 0);
    await services.queues.complete(call(), sessionId);
    await services.queues.start(call(), sessionId, 0);
    await services.sessionLogs.addDocument(call(), sessionId, {
      title: 'T',
      filePath: '/t',
      content: 'Text',
      taskId,
    });
    await services.tasks.update(call(), freeTaskId, { status: 'in_review', dependencies: [taskId] });
    const other = await services.sessions.create(call(), { projectId, taskIds: [taskId] });
    await services.sessions.remove(call(), other.id);
    return made;
  });
  return { dataDir, fixture };
}

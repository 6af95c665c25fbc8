import type { Store } from '../../../src/application/store/store.ts';
import { streamOfProject } from '../../../src/domain/channel.ts';

/** Makes the session one that was spawned for an orchestrator. */
export async function leadBy(store: Store, sessionId: string): Promise<void> {
  await store.transaction('test', async (tx) => {
    const session = await tx.sessions.get(sessionId);
    if (session === undefined) throw new Error(`There is no session ${sessionId}.`);
    await tx.lock(streamOfProject(session.projectId));
    await tx.sessions.update({
      ...session,
      launch: {
        ...{ role: 'orchestrator', command: '', cwd: '', manifestPath: '', parentSessionId: null },
        ...{ createdBy: 'test', tokenId: 'tok_test', graceMs: 0, request: '' },
      },
    });
  });
}

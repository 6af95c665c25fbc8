import type { SessionView } from '../../domain/work/session.ts';
import type { ActorReader } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { eachEntity } from '../store/paginate.ts';
import { viewSession } from '../work/session-view.ts';

/** What is kept of the answer: nothing that proves who somebody is. */
export interface StoredSpawn {
  readonly sessionId: string;
  readonly manifestPath: string;
  readonly session: SessionView;
}

/** How long an equal request is taken for a retry, in milliseconds. */
const retryWindow = 30_000;

/** The session that an equal request of this actor has spawned just now, and that still waits. */
export async function findDuplicate(
  reader: ActorReader,
  { actor, idempotency }: Call,
  projectId: string,
  request: string,
  now: number,
): Promise<StoredSpawn | undefined> {
  // A key of one's own says which requests are the same.
  if (idempotency !== undefined) return undefined;
  const waiting = { where: { projectId, status: 'spawning' }, descending: true } as const;
  for await (const session of eachEntity(reader.sessions, waiting)) {
    if (session.startedAt <= now - retryWindow) return undefined;
    const { launch } = session;
    if (launch?.request !== request || launch.createdBy !== actor.id) continue;
    const { manifestPath } = launch;
    return { sessionId: session.id, manifestPath, session: await viewSession(reader, session) };
  }
  return undefined;
}

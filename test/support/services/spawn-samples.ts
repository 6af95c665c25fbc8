import type { Call } from '../../../src/application/access/call.ts';
import type { SpawnInput } from '../../../src/application/agents/spawn-plan.ts';
import type { Actor } from '../../../src/domain/access/access.ts';
import { createCall, type ServiceHarness } from './service-harness.ts';

/** What a client says of a session to spawn, with everything it may leave out left out. */
export function createSpawnInput(
  projectId: string,
  taskIds: readonly string[],
  more: Partial<SpawnInput> = {},
): SpawnInput {
  return {
    projectId,
    taskIds,
    skills: [],
    spawnSource: 'ui',
    role: 'worker',
    strategy: 'simple',
    ...more,
  };
}

/** The actor that the token of a spawned session makes of its bearer, as the record of the token says now. */
export async function agentActorOf(harness: ServiceHarness, sessionId: string): Promise<Actor> {
  const { launch, projectId } = await harness.services.sessions.get(createCall(), sessionId);
  const { tokenId = '' } = launch ?? {};
  const record = await harness.store.read((reader) => reader.tokens.get(tokenId));
  return {
    id: sessionId,
    role: 'agent',
    projects: new Set([projectId]),
    sessionId,
    tokenId,
    expiresAt: record?.expiresAt,
  };
}

/** A call by the agent of a spawned session. */
export async function agentCallOf(harness: ServiceHarness, sessionId: string): Promise<Call> {
  return createCall(await agentActorOf(harness, sessionId));
}

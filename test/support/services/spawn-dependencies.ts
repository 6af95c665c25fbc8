import type { ServiceDependencies } from '../../../src/application/services.ts';
import { createManifest, type Manifest } from '../../../src/domain/agents/manifest.ts';

/** The dependencies of spawning agents, in memory; `manifests` receives what is written, by the id of the session. */
export function createSpawnDependencies(manifests = new Map<string, Manifest>()) {
  return {
    manifestGenerator: { generate: async (request) => createManifest(request) },
    manifestFolder: {
      write: async (sessionId, manifest) => {
        manifests.set(sessionId, manifest);
        return `/sessions/${sessionId}/manifest.json`;
      },
      remove: async (sessionId) => void manifests.delete(sessionId),
    },
    tokenPolicy: { lifetimeMs: 3_600_000, graceMs: 900_000 },
    serverEnvironment: {
      MAESTRO_SERVER_URL: 'http://127.0.0.1:3000',
      DATA_DIR: '/data',
      SESSION_DIR: '/sessions',
    },
    sessionTimeouts: { startMs: 60_000, staleMs: 600_000 },
  } satisfies Partial<ServiceDependencies>;
}

import type { ServiceNeeds } from '../../src/application/services.ts';
import { createManifest, type Manifest } from '../../src/domain/agents/manifest.ts';

/** What sessions of agents need from outside, all in memory; `manifests` are those that lie ready, by their sessions. */
export function spawnNeeds(manifests = new Map<string, Manifest>()) {
  return {
    manifests: { generate: async (request) => createManifest(request) },
    folder: {
      write: async (sessionId, manifest) => {
        manifests.set(sessionId, manifest);
        return `/sessions/${sessionId}/manifest.json`;
      },
      remove: async (sessionId) => void manifests.delete(sessionId),
    },
    terms: { lifetimeMs: 3_600_000, graceMs: 900_000 },
    place: { MAESTRO_SERVER_URL: 'http://127.0.0.1:3000', DATA_DIR: '/data', SESSION_DIR: '/sessions' },
    patience: { startMs: 60_000, staleMs: 600_000 },
  } satisfies Partial<ServiceNeeds>;
}

import type { Logger } from 'pino';
import type { ManifestGenerator } from './application/agents/manifest-ports.ts';
import type { SpawnNeeds } from './application/agents/spawn-service.ts';
import type { EventBus } from './application/events/event-bus.ts';
import type { ServiceNeeds } from './application/services.ts';
import type { Config, Environment } from './config/config.ts';
import { createManifest } from './domain/agents/manifest.ts';
import { manifestCommand } from './system/agents/manifest-command.ts';
import { manifestFolder } from './system/agents/manifest-folder.ts';

/** What the program that writes manifests gets of the environment: nothing that could be a secret. */
const programVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/** Where this is used. */
interface Place {
  readonly config: Config;
  readonly env: Environment;
  /** Where agents reach the server. */
  readonly url: string;
  readonly log: Logger;
  /** Ends when the server stops. */
  readonly signal: AbortSignal;
}

/** What spawning needs of the settings and of the machine. */
export function agentNeeds({ config, env, url, log, signal }: Place) {
  const { SESSION_DIR, DATA_DIR, AGENT_TOKEN_LIFETIME, AGENT_TOKEN_GRACE } = config;
  const generate = async (request: Parameters<typeof createManifest>[0]) => createManifest(request);
  const manifests: ManifestGenerator =
    config.MANIFEST_GENERATOR === 'server'
      ? { generate }
      : manifestCommand({
          program: config.MAESTRO_CLI_PATH,
          env: Object.fromEntries(
            programVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
          ),
          sessionDir: SESSION_DIR,
          milliseconds: config.MANIFEST_TIMEOUT * 1000,
          signal,
          onFailure: (cause) => log.error({ err: cause }, 'the program that writes manifests failed'),
        });
  return {
    manifests,
    folder: manifestFolder(SESSION_DIR),
    terms: { lifetimeMs: AGENT_TOKEN_LIFETIME * 1000, graceMs: AGENT_TOKEN_GRACE * 1000 },
    place: { MAESTRO_SERVER_URL: url, DATA_DIR, SESSION_DIR },
    patience: { startMs: config.START_TIMEOUT * 1000, staleMs: config.STALE_TIMEOUT * 1000 },
  } satisfies Partial<ServiceNeeds>;
}

/** Removes the manifest of every session that is deleted; returns how to end that. */
export function forgetManifests(
  bus: EventBus,
  { folder }: Pick<SpawnNeeds, 'folder'>,
  log: Logger,
): () => void {
  return bus.subscribeName('session:deleted', (events) => {
    for (const { name, data } of events) {
      if (name !== 'session:deleted') continue;
      folder
        .remove(data.id)
        .catch((fault) => log.error({ err: fault, sessionId: data.id }, 'could not remove a manifest'));
    }
  });
}

import type { Logger } from 'pino';
import type { ManifestGenerator } from './application/agents/manifest-ports.ts';
import type { SpawnDependencies } from './application/agents/spawn-service.ts';
import type { EventBus } from './application/events/event-bus.ts';
import type { ServiceDependencies } from './application/services.ts';
import type { Config, Environment } from './config/config.ts';
import { createManifest } from './domain/agents/manifest.ts';
import { manifestCommand } from './system/agents/manifest-command.ts';
import { manifestFolder } from './system/agents/manifest-folder.ts';

/** What the program that writes manifests gets of the environment: nothing that could be a secret. */
const manifestProgramVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/** Where this is used. */
interface AgentSettings {
  readonly config: Config;
  readonly env: Environment;
  /** Where agents reach the server. */
  readonly url: string;
  readonly log: Logger;
  /** Ends when the server stops. */
  readonly signal: AbortSignal;
}

/** What spawning needs of the settings and of the machine. */
export function agentDependencies({ config, env, url, log, signal }: AgentSettings) {
  const { SESSION_DIR, DATA_DIR, AGENT_TOKEN_LIFETIME, AGENT_TOKEN_GRACE } = config;
  const generate = async (request: Parameters<typeof createManifest>[0]) => createManifest(request);
  const manifests: ManifestGenerator =
    config.MANIFEST_GENERATOR === 'server'
      ? { generate }
      : manifestCommand({
          program: config.MAESTRO_CLI_PATH,
          env: Object.fromEntries(
            manifestProgramVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
          ),
          sessionDir: SESSION_DIR,
          milliseconds: config.MANIFEST_TIMEOUT * 1000,
          signal,
          onFailure: (cause) => log.error({ err: cause }, 'the program that writes manifests failed'),
        });
  return {
    manifestGenerator: manifests,
    manifestFolder: manifestFolder(SESSION_DIR),
    tokenPolicy: { lifetimeMs: AGENT_TOKEN_LIFETIME * 1000, graceMs: AGENT_TOKEN_GRACE * 1000 },
    serverEnvironment: { MAESTRO_SERVER_URL: url, DATA_DIR, SESSION_DIR },
    sessionTimeouts: { startMs: config.START_TIMEOUT * 1000, staleMs: config.STALE_TIMEOUT * 1000 },
  } satisfies Partial<ServiceDependencies>;
}

/** Removes the manifest of every session that is deleted; returns how to end that. */
export function removeManifestsOnDelete(
  bus: EventBus,
  { manifestFolder }: Pick<SpawnDependencies, 'manifestFolder'>,
  log: Logger,
): () => void {
  return bus.subscribeByName('session:deleted', (events) => {
    for (const { name, data } of events) {
      if (name !== 'session:deleted') continue;
      manifestFolder
        .remove(data.id)
        .catch((fault) => log.error({ err: fault, sessionId: data.id }, 'could not remove a manifest'));
    }
  });
}

import type { Logger } from 'pino';
import type { ManifestGenerator } from './application/agents/manifest-ports.ts';
import type { SpawnDependencies } from './application/agents/spawn-service.ts';
import type { EventBus } from './application/events/event-bus.ts';
import type { ServiceDependencies } from './application/services.ts';
import type { Config, Environment } from './config/config.ts';
import { createManifest } from './domain/agents/manifest.ts';
import { manifestCommand } from './system/agents/manifest-command.ts';
import { manifestFolder } from './system/agents/manifest-folder.ts';
import { SkillFolder } from './system/agents/skill-folder.ts';

/** The variables that the program that writes manifests inherits; none of them holds a secret. */
const inheritedVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/** What the dependencies are built from. */
interface AgentSettings {
  readonly config: Config;
  readonly env: Environment;
  /** The URL at which agents reach the server. */
  readonly url: string;
  readonly log: Logger;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** What services for agents need of the configuration and of the machine. */
export function agentDependencies(settings: AgentSettings) {
  const { config, url, log } = settings;
  const { SESSION_DIR, DATA_DIR, SKILLS_DIR } = config;
  return {
    manifestGenerator: manifestGenerator(settings),
    manifestFolder: manifestFolder(SESSION_DIR),
    skills: new SkillFolder(SKILLS_DIR, ({ name, reason }) =>
      log.warn({ folder: SKILLS_DIR, skill: name }, `a skill is left out: ${reason}`),
    ),
    tokenPolicy: { lifetimeMs: config.AGENT_TOKEN_LIFETIME * 1000, graceMs: config.AGENT_TOKEN_GRACE * 1000 },
    serverEnvironment: { MAESTRO_SERVER_URL: url, DATA_DIR, SESSION_DIR },
    sessionTimeouts: { startMs: config.START_TIMEOUT * 1000, staleMs: config.STALE_TIMEOUT * 1000 },
  } satisfies Partial<ServiceDependencies>;
}

/** The server itself, or the program that the configuration names. */
function manifestGenerator({ config, env, log, signal }: AgentSettings): ManifestGenerator {
  if (config.MANIFEST_GENERATOR === 'server') {
    return { generate: async (request) => createManifest(request) };
  }
  return manifestCommand({
    program: config.MAESTRO_CLI_PATH,
    env: Object.fromEntries(
      inheritedVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
    sessionDir: config.SESSION_DIR,
    timeoutMs: config.MANIFEST_TIMEOUT * 1000,
    signal,
    onFailure: (error) => log.error({ err: error }, 'the program that writes manifests failed'),
  });
}

/** Removes the manifest of every session that is deleted. Returns the function that stops this. */
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
        .catch((error) => log.error({ err: error, sessionId: data.id }, 'could not remove a manifest'));
    }
  });
}

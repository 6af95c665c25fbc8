import { findClosestMatch } from '../domain/values/closest-match.ts';
import { type Config, type Environment, isLoopback } from './config.ts';
import { settingNames } from './settings.ts';

/** Variables that the client program reads; some differ from a setting by their prefix only. */
export const clientVariables: readonly string[] = [
  'MAESTRO_API_URL',
  'MAESTRO_DEBUG',
  'MAESTRO_MANIFEST_PATH',
  'MAESTRO_ORCHESTRATOR_STRATEGY',
  'MAESTRO_PROJECT_ID',
  'MAESTRO_RETRIES',
  'MAESTRO_RETRY_DELAY',
  'MAESTRO_ROLE',
  'MAESTRO_SERVER_URL',
  'MAESTRO_SESSION_ID',
  'MAESTRO_STRATEGY',
  'MAESTRO_TASK_IDS',
  'MAESTRO_TOKEN',
];

/** The keys of model providers, which this server never reads: they stay in the environment that starts an agent. */
export const providerVariables: readonly string[] = [
  'ANTHROPIC_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENAI_USE_GCA',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'OPENAI_API_KEY',
];

/** What a usable configuration leaves to be said at the start, a sentence each. */
export function configWarnings(config: Config, env: Environment): string[] {
  return [...exposureWarnings(config), ...misspellingWarnings(env)];
}

function exposureWarnings({ HOST, AUTH, SERVER_URL }: Config): string[] {
  if (AUTH === 'off') return ['AUTH is off: every program on this machine may do everything here.'];
  if (isLoopback(HOST) || SERVER_URL?.startsWith('https:')) return [];
  return [
    `HOST is ${HOST} and no https SERVER_URL says that TLS is in front: tokens cross the network unencrypted.`,
  ];
}

function misspellingWarnings(env: Environment): string[] {
  const names: ReadonlySet<string> = new Set([...settingNames, ...clientVariables, ...providerVariables]);
  return Object.keys(env)
    .filter((name) => env[name] && !names.has(name))
    .flatMap((name) => {
      const meant = findClosestMatch(
        name.replace(/^MAESTRO_(?!CLI_)/, ''),
        settingNames,
        name.length < 6 ? 1 : 2,
      );
      return meant === undefined ? [] : [`${name} is not a setting; did you mean ${meant}?`];
    });
}

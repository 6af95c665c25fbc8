import { findClosestMatch } from '../domain/values/closest-match.ts';
import { type Config, type Environment, isLoopback } from './config.ts';
import { settingNames } from './settings.ts';

/** Variables that the client programs read. Some differ from a setting in their prefix only, so no warning names them. */
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

/** Keys of model providers. This server never reads them; they belong in the environment that starts an agent. */
export const providerVariables: readonly string[] = [
  'ANTHROPIC_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENAI_USE_GCA',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'OPENAI_API_KEY',
];

/** Warnings about a valid configuration to log at the start, one sentence each. */
export function configWarnings(config: Config, env: Environment): string[] {
  return [...exposureWarnings(config), ...misspellingWarnings(env)];
}

function exposureWarnings({ HOST, AUTH, SERVER_URL }: Config): string[] {
  if (AUTH === 'off') return ['AUTH is off: every program on this machine can do everything on this server.'];
  if (isLoopback(HOST) || SERVER_URL?.startsWith('https:')) return [];
  return [
    `HOST is ${HOST} and SERVER_URL is not an https URL: without TLS in front, tokens cross the network unencrypted.`,
  ];
}

function misspellingWarnings(env: Environment): string[] {
  const names: ReadonlySet<string> = new Set([...settingNames, ...clientVariables, ...providerVariables]);
  return Object.keys(env)
    .filter((name) => env[name] && !names.has(name))
    .flatMap((name) => {
      const suggestion = findClosestMatch(
        name.replace(/^MAESTRO_(?!CLI_)/, ''),
        settingNames,
        name.length < 6 ? 1 : 2,
      );
      return suggestion === undefined ? [] : [`${name} is not a setting; did you mean ${suggestion}?`];
    });
}

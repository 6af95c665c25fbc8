import { BlockList, isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { type SettingName, settingMeta, settingNames, settings } from './settings.ts';

/** Every setting under the name of its variable, checked and complete. */
export type Config = Readonly<z.infer<typeof settings>>;

/** The environment of a process, or of a file like it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used; `faults` holds a sentence for each. */
export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(faults: readonly string[]) {
    super(`These settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.errors = faults;
  }
}

/**
 * The settings that `env` spells, the rest by their defaults; an empty variable counts as not given. Paths are resolved
 * against `cwd` and `home`. Throws ConfigError with every fault, and never with a secret.
 */
export function readConfig(env: Environment, cwd: string, home: string): Config {
  const config: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const name of settingNames) {
    const given = env[name] || undefined;
    const parsed = settings.shape[name].safeParse(given);
    if (!parsed.success) {
      const shown = settingMeta(name).secret ? 'given' : `"${given}"`;
      faults.push(...parsed.error.issues.map((issue) => `${name} is ${shown}: ${issue.message}.`));
    } else {
      config[name] =
        typeof parsed.data === 'string' ? resolvePath(name, parsed.data, cwd, home) : parsed.data;
    }
  }
  // What a faulty setting leaves out, no relation holds against it.
  const partial = config as Partial<Config>;
  faults.push(...relationRules.map((relation) => relation(partial)).filter((fault) => fault !== undefined));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config) as Config;
}

/** Whether nobody but this machine reaches a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopbackAddresses.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

/** What must hold between settings: a sentence when it does not. */
const relationRules: readonly ((config: Partial<Config>) => string | undefined)[] = [
  ({ AUTH, HOST }) =>
    AUTH === 'off' && HOST !== undefined && !isLoopback(HOST)
      ? `AUTH is off and HOST is "${HOST}": without tokens anyone on the network could do everything; set HOST to 127.0.0.1, or leave AUTH out.`
      : undefined,
  ({ AUTH_SECRET, AUTH_SECRET_FILE }) =>
    AUTH_SECRET !== undefined && AUTH_SECRET_FILE !== undefined
      ? 'AUTH_SECRET and AUTH_SECRET_FILE are both given: leave one out.'
      : undefined,
  ({ LIST_DEFAULT_LIMIT = 1, LIST_MAX_LIMIT = Infinity }) =>
    LIST_DEFAULT_LIMIT > LIST_MAX_LIMIT
      ? `LIST_DEFAULT_LIMIT is ${LIST_DEFAULT_LIMIT}, which is more than LIST_MAX_LIMIT allows, ${LIST_MAX_LIMIT}.`
      : undefined,
  ({ DATABASE_TYPE, DATABASE_URL }) =>
    DATABASE_TYPE === 'filesystem' && DATABASE_URL !== undefined
      ? 'DATABASE_URL is given, but DATABASE_TYPE is filesystem, which reads none: leave DATABASE_URL out.'
      : undefined,
  ({ DATABASE_TYPE, HOST, AUTH, AUTH_SECRET, AUTH_SECRET_FILE }) =>
    DATABASE_TYPE === 'postgres' &&
    AUTH !== 'off' &&
    HOST !== undefined &&
    !isLoopback(HOST) &&
    (AUTH_SECRET ?? AUTH_SECRET_FILE) === undefined
      ? 'DATABASE_TYPE is postgres and neither AUTH_SECRET nor AUTH_SECRET_FILE is given: servers that share a database must sign tokens alike.'
      : undefined,
];

function resolvePath(name: SettingName, text: string, cwd: string, home: string): string {
  const { path } = settingMeta(name);
  if (!path || (path === 'with a slash' && !text.includes('/'))) return text;
  return text === '~' || text.startsWith('~/') ? join(home, text.slice(1)) : resolve(cwd, text);
}

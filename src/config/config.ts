import { BlockList, isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { type SettingName, settingMeta, settingNames, settings } from './settings.ts';

/** Every setting under the name of its variable, checked and complete. */
export type Config = Readonly<z.infer<typeof settings>>;

/** Environment variables by name, from a process or from a .env file. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that cannot be used; `errors` holds one sentence about each. */
export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(`These settings cannot be used:\n${errors.map((error) => `  ${error}`).join('\n')}`);
    this.name = 'ConfigError';
    this.errors = errors;
  }
}

/** A variable of a shell. Neither .env nor a unit of systemd expands it, and a folder of that name is hardly meant. */
const unexpandedVariable = /\$\{[^}]*\}|\$[A-Za-z_]\w*/;

/**
 * Reads every setting from `env`; a variable that is missing or empty leaves its default. Resolves paths against `cwd`
 * and `~` against `home`. Throws one ConfigError that names every invalid setting and shows no secret.
 */
export function readConfig(env: Environment, cwd: string, home: string): Config {
  const config: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const name of settingNames) {
    const given = env[name] || undefined;
    const { secret } = settingMeta(name);
    const variable = secret ? undefined : unexpandedVariable.exec(given ?? '')?.[0];
    if (variable !== undefined) {
      errors.push(
        `${name} is "${given}": ${variable} is not expanded here; write out its value${variable.includes('HOME') ? ', or ~/ for your home directory' : ''}.`,
      );
      continue;
    }
    const parsed = settings.shape[name].safeParse(given);
    if (!parsed.success) {
      const shownValue = secret ? 'given' : `"${given}"`;
      errors.push(...parsed.error.issues.map((issue) => `${name} is ${shownValue}: ${issue.message}.`));
    } else {
      config[name] =
        typeof parsed.data === 'string' ? resolvePath(name, parsed.data, cwd, home) : parsed.data;
    }
  }
  // Rules skip the settings that could not be read, so that one mistake is reported once.
  const partial = config as Partial<Config>;
  errors.push(...relationRules.map((rule) => rule(partial, env)).filter((error) => error !== undefined));
  if (errors.length > 0) throw new ConfigError(errors);
  return Object.freeze(config) as Config;
}

/** Whether a server that listens on `host` can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopbackAddresses.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

/** What must hold between settings: each rule returns what is wrong, or undefined. */
const relationRules: readonly ((config: Partial<Config>, env: Environment) => string | undefined)[] = [
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
      ? 'DATABASE_URL is given, but DATABASE_TYPE is filesystem, which does not use it: leave DATABASE_URL out.'
      : undefined,
  ({ DATABASE_TYPE, DATABASE_URL }, env) =>
    DATABASE_TYPE === 'postgres' &&
    DATABASE_URL === undefined &&
    !env.DATABASE_URL &&
    !Object.keys(env).some((name) => name.startsWith('PG') && env[name])
      ? 'DATABASE_TYPE is postgres and nothing says where the database is: set DATABASE_URL, as postgres://user:password@host/database.'
      : undefined,
  ({ DATABASE_TYPE, HOST, AUTH, AUTH_SECRET, AUTH_SECRET_FILE }) =>
    DATABASE_TYPE === 'postgres' &&
    AUTH !== 'off' &&
    HOST !== undefined &&
    !isLoopback(HOST) &&
    (AUTH_SECRET ?? AUTH_SECRET_FILE) === undefined
      ? 'DATABASE_TYPE is postgres and neither AUTH_SECRET nor AUTH_SECRET_FILE is given: servers that share a database must sign tokens with the same secret.'
      : undefined,
];

function resolvePath(name: SettingName, text: string, cwd: string, home: string): string {
  const { path } = settingMeta(name);
  if (!path || (path === 'with a slash' && !text.includes('/'))) return text;
  return text === '~' || text.startsWith('~/') ? join(home, text.slice(1)) : resolve(cwd, text);
}

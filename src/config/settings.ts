import { z } from 'zod';
import { findSettingMeta, type SettingMeta, settingGroup } from './setting-group.ts';
import {
  baseUrl,
  host,
  hosts,
  integer,
  oneOf,
  origins,
  path,
  program,
  refine,
  secret,
  trueOrFalse,
} from './setting-types.ts';

const listening = settingGroup('Listening');
const access = settingGroup('Access');
const browsers = settingGroup('Browsers');
const limits = settingGroup('Limits');
const sockets = settingGroup('Sockets');
const storing = settingGroup('Storage');
const agents = settingGroup('Agents');
const logging = settingGroup('Logging');

const postgresUrl = secret(
  'a postgres:// URL',
  (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
);

const rejectWildcard = (origins: readonly string[]) =>
  origins.some((origin) => origin.includes('*'))
    ? 'every page on the web could then read what is stored here; name each origin, as http://localhost:5173'
    : undefined;

/** CATALOGUE: every setting, by the name of its environment variable. */
export const settings = z.object({
  HOST: listening('127.0.0.1', host, 'The address to listen on; others than this machine need AUTH=on.'),
  PORT: listening('3000', integer(0, 65_535), 'The port to listen on; 0 takes a free one.'),
  SERVER_URL: listening(
    undefined,
    baseUrl,
    'The URL clients reach this server at, when that is not where it listens; https says that TLS is in front.',
  ),
  TRUST_PROXY: listening(
    '0',
    integer(0, 10),
    'How many proxies stand in front and may say in X-Forwarded-For who the client is.',
  ),
  SHUTDOWN_TIMEOUT: listening(
    '10',
    integer(1, 600),
    'Seconds that running requests have to finish when the server is told to stop.',
  ),

  AUTH: access(
    'on',
    oneOf('on', 'off'),
    'Whether requests need a token; off is for your own machine only, where everyone is then an admin.',
  ),
  AUTH_SECRET: access(
    undefined,
    secret('at least 32 bytes long', (text) => Buffer.byteLength(text) >= 32),
    'What tokens are signed with; made on the first start in DATA_DIR/auth/secret when neither this nor a file is given.',
  ),
  AUTH_SECRET_FILE: access(
    undefined,
    path,
    'A file that holds what tokens are signed with, at least 32 bytes.',
  ),

  ALLOWED_HOSTS: browsers(
    '',
    hosts,
    'Further host names this server answers for, beside loopback, HOST and that of SERVER_URL.',
  ),
  CORS_ENABLED: browsers('true', trueOrFalse, 'Whether pages of CORS_ORIGINS may use this server.'),
  CORS_ORIGINS: browsers(
    '',
    refine(origins, rejectWildcard),
    'The origins whose pages may use this server; without any, only its own pages do.',
  ),
  CORS_CREDENTIALS: browsers(
    'false',
    trueOrFalse,
    'Whether those pages may send cookies along; this server uses none.',
  ),

  RATE_LIMIT_READS: limits(
    '200',
    integer(0, 1_000_000),
    'Reads an actor may make each second; 0 for no limit.',
  ),
  RATE_LIMIT_WRITES: limits(
    '200',
    integer(0, 1_000_000),
    'Writes an actor may make each second; 0 for no limit.',
  ),
  RATE_LIMIT_BURST: limits(
    '1000',
    integer(1, 10_000_000),
    'Requests an actor may make at once before the limits for each second hold.',
  ),
  LIST_DEFAULT_LIMIT: limits('200', integer(1, 10_000), 'Items of a list when the request names no limit.'),
  LIST_MAX_LIMIT: limits(
    '1000',
    integer(1, 10_000),
    'Items of a list at most, whatever the request asks for.',
  ),

  SOCKETS: sockets('5000', integer(1, 100_000), 'Sockets that may be open.'),
  SOCKETS_PER_SUBJECT: sockets('20', integer(1, 100_000), 'Sockets that one holder of tokens may have open.'),
  SOCKET_SUBSCRIPTIONS: sockets('100', integer(1, 10_000), 'Channels that one socket may follow.'),
  SOCKET_COMMANDS: sockets(
    '20',
    integer(1, 10_000),
    'Commands a socket may send each second, and three times as many at once.',
  ),
  SOCKET_OUT_BUFFER: sockets(
    '1048576',
    integer(65_536, 1_073_741_824),
    'Bytes that may wait for a client before its socket is closed; it goes on from its position later.',
  ),

  DATA_DIR: storing(
    '~/.maestro/data',
    path,
    'The folder that holds everything, or with postgres the secret and the admin token; one server at a time uses it.',
  ),
  DATABASE_TYPE: storing(
    'filesystem',
    oneOf('filesystem', 'postgres'),
    'Where everything is kept: in JSON files in DATA_DIR, or in PostgreSQL, which several servers may share.',
  ),
  DATABASE_URL: storing(
    undefined,
    postgresUrl,
    'The database, when DATABASE_TYPE is postgres; without it the PG* variables of the environment say where it is.',
  ),
  DATABASE_DIRECT_URL: storing(
    undefined,
    postgresUrl,
    'The same database past a pooler such as PgBouncer, for what needs a connection of its own.',
  ),
  DATABASE_POOL_SIZE: storing(
    '10',
    integer(1, 1000),
    'Connections this server uses at once, at most, beside the one that follows events.',
  ),
  STORE_ALLOW_NETWORK_FS: storing(
    'false',
    trueOrFalse,
    'Whether DATA_DIR may lie on a network file system, where no lock can be trusted.',
  ),
  EVENT_RETENTION_COUNT: storing(
    '50000',
    integer(1, 100_000_000),
    'Events that are kept of each project, at most; a client that is further behind reads the state anew.',
  ),
  EVENT_RETENTION_DAYS: storing('7', integer(1, 36_500), 'Days that events are kept, at most.'),

  SESSION_DIR: agents('~/.maestro/sessions', path, 'The folder for the manifests of sessions.'),
  SKILLS_DIR: agents(
    '~/.claude/skills',
    path,
    'The folder that holds the skills, each a folder of its own with a SKILL.md.',
  ),
  MANIFEST_GENERATOR: agents(
    'server',
    oneOf('server', 'cli'),
    'Who writes the manifests of sessions: this server, or the program of MAESTRO_CLI_PATH.',
  ),
  MAESTRO_CLI_PATH: agents(
    'maestro',
    program,
    'The program that writes manifests where MANIFEST_GENERATOR is cli; it gets no key of a model provider.',
  ),
  MANIFEST_TIMEOUT: agents('10', integer(1, 600), 'Seconds that program may take before it is killed.'),
  START_TIMEOUT: agents(
    '120',
    integer(1, 86_400),
    'Seconds that a spawned session has to be claimed, and then to report, before it has failed.',
  ),
  STALE_TIMEOUT: agents(
    '900',
    integer(1, 604_800),
    'Seconds of silence after which a working session is marked stale; it goes on when it is heard of again.',
  ),
  AGENT_TOKEN_LIFETIME: agents(
    '86400',
    integer(60, 31_536_000),
    'Seconds that the token of a spawned session is good for before the agent has to renew it.',
  ),
  AGENT_TOKEN_GRACE: agents(
    '900',
    integer(0, 86_400),
    'Seconds that the token of a completed session is still taken; that of a failed or stopped one is not.',
  ),

  LOG_LEVEL: logging('info', oneOf('error', 'warn', 'info', 'debug'), 'The least that is logged.'),
  LOG_FORMAT: logging(
    undefined,
    oneOf('json', 'pretty'),
    'How log lines look; without it pretty on a terminal and json elsewhere.',
  ),
  LOG_FILE: logging(undefined, path, 'A file that log lines are appended to, in place of standard output.'),
  DEBUG: logging('false', trueOrFalse, 'The same as LOG_LEVEL=debug.'),
  NODE_ENV: logging(
    'development',
    oneOf('development', 'production', 'test'),
    'Checked and otherwise without effect: this server is the same everywhere.',
  ),
});

/** The name of a setting, which is the name of its variable. */
export type SettingName = keyof typeof settings.shape;

/** The name of every setting, in the order of the catalogue. */
export const settingNames = Object.keys(settings.shape) as SettingName[];

/** What the catalogue says about a setting. */
export function settingMeta(name: SettingName): SettingMeta {
  const meta = findSettingMeta(settings.shape[name]);
  if (meta === undefined) throw new Error(`The setting ${name} has no entry.`);
  return meta;
}

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
    ? 'any web page could then read what is stored here; name each origin, as http://localhost:5173'
    : undefined;

/** CATALOGUE: every setting, by the name of its environment variable. */
export const settings = z.object({
  HOST: listening('127.0.0.1', host, 'Address to listen on. Any address but loopback requires AUTH=on.'),
  PORT: listening('3000', integer(0, 65_535), 'Port to listen on; 0 picks a free one.'),
  SERVER_URL: listening(
    undefined,
    baseUrl,
    'URL at which clients reach this server, when it is not the one it listens on; https means that TLS is in front.',
  ),
  TRUST_PROXY: listening(
    '0',
    integer(0, 10),
    'Number of proxies in front whose X-Forwarded-For is trusted for the address of the client.',
  ),
  SHUTDOWN_TIMEOUT: listening(
    '10',
    integer(1, 600),
    'Seconds that running requests get to finish when the server stops.',
  ),

  AUTH: access(
    'on',
    oneOf('on', 'off'),
    'Whether requests need a token. With off, which works on loopback only, everyone is an admin.',
  ),
  AUTH_SECRET: access(
    undefined,
    secret('at least 32 bytes long', (text) => Buffer.byteLength(text) >= 32),
    'Secret that signs tokens. Without this and AUTH_SECRET_FILE, the first start creates one in DATA_DIR/auth/secret.',
  ),
  AUTH_SECRET_FILE: access(
    undefined,
    path,
    'File that holds the secret that signs tokens, at least 32 bytes.',
  ),

  ALLOWED_HOSTS: browsers(
    '',
    hosts,
    'Host names to accept in requests, besides loopback, HOST and the one in SERVER_URL.',
  ),
  CORS_ENABLED: browsers('true', trueOrFalse, 'Whether web pages from CORS_ORIGINS may use this server.'),
  CORS_ORIGINS: browsers(
    '',
    refine(origins, rejectWildcard),
    'Origins whose web pages may use this server; without any, only its own pages may.',
  ),
  CORS_CREDENTIALS: browsers(
    'false',
    trueOrFalse,
    'Whether those pages may send cookies; this server uses none.',
  ),

  RATE_LIMIT_READS: limits(
    '200',
    integer(0, 1_000_000),
    'Reads per second for each actor; 0 means no limit.',
  ),
  RATE_LIMIT_WRITES: limits(
    '200',
    integer(0, 1_000_000),
    'Writes per second for each actor; 0 means no limit.',
  ),
  RATE_LIMIT_BURST: limits(
    '1000',
    integer(1, 10_000_000),
    'Requests that an actor may make in a burst before the limits per second apply.',
  ),
  LIST_DEFAULT_LIMIT: limits(
    '200',
    integer(1, 10_000),
    'Number of items in a list when the request names no limit. With AUTH=off a list comes whole unless the request names a cursor or an envelope.',
  ),
  LIST_MAX_LIMIT: limits(
    '1000',
    integer(1, 10_000),
    'Maximum number of items in a list, whatever the request asks for.',
  ),

  SOCKETS: sockets('5000', integer(1, 100_000), 'Maximum number of open sockets.'),
  SOCKETS_PER_SUBJECT: sockets(
    '20',
    integer(1, 100_000),
    'Maximum number of open sockets for each subject of tokens.',
  ),
  SOCKET_SUBSCRIPTIONS: sockets(
    '100',
    integer(1, 10_000),
    'Maximum number of channels that one socket may subscribe to.',
  ),
  SOCKET_COMMANDS: sockets(
    '20',
    integer(1, 10_000),
    'Commands per second for each socket; a burst may be three times as large.',
  ),
  SOCKET_OUT_BUFFER: sockets(
    '1048576',
    integer(65_536, 1_073_741_824),
    'Bytes that may wait for a slow client before its socket is closed; the client resumes from its position.',
  ),

  DATA_DIR: storing(
    '~/.maestro/data',
    path,
    'Folder for all data, or with postgres for the secret and the admin token. Only one server at a time can use it.',
  ),
  DATABASE_TYPE: storing(
    'filesystem',
    oneOf('filesystem', 'postgres'),
    'Where data is stored: in JSON files in DATA_DIR, or in PostgreSQL, which several servers can share.',
  ),
  DATABASE_URL: storing(
    undefined,
    postgresUrl,
    'URL of the database when DATABASE_TYPE is postgres; without it, the PG* variables of the environment apply.',
  ),
  DATABASE_DIRECT_URL: storing(
    undefined,
    postgresUrl,
    'URL of the same database without a pooler such as PgBouncer, for connections that listen or hold locks.',
  ),
  DATABASE_POOL_SIZE: storing(
    '10',
    integer(1, 1000),
    'Maximum number of database connections, besides the one that follows events.',
  ),
  STORE_ALLOW_NETWORK_FS: storing(
    'false',
    trueOrFalse,
    'Whether DATA_DIR may be on a network file system, where locks are not reliable.',
  ),
  STORE_CHECKPOINT_INTERVAL: storing(
    '30',
    integer(1, 3600),
    'Seconds after a change within which the entity files are brought up to date. 1 is for programs that read them while the server runs, and writes more.',
  ),
  EVENT_RETENTION_COUNT: storing(
    '50000',
    integer(1, 100_000_000),
    'Maximum number of events kept for each project. A client that missed more has to read the state again.',
  ),
  EVENT_RETENTION_DAYS: storing('7', integer(1, 36_500), 'Maximum number of days that events are kept.'),

  SESSION_DIR: agents('~/.maestro/sessions', path, 'Folder for the manifests of sessions.'),
  SKILLS_DIR: agents(
    '~/.claude/skills',
    path,
    'Folder of skills, each of which is a folder with a SKILL.md.',
  ),
  MANIFEST_GENERATOR: agents(
    'server',
    oneOf('server', 'cli'),
    'What writes the manifests of sessions: this server, or the program in MAESTRO_CLI_PATH.',
  ),
  MAESTRO_CLI_PATH: agents(
    'maestro',
    program,
    'Program that writes manifests when MANIFEST_GENERATOR is cli; it gets no key of a model provider.',
  ),
  MANIFEST_TIMEOUT: agents('10', integer(1, 600), 'Seconds that this program may run before it is killed.'),
  START_TIMEOUT: agents(
    '120',
    integer(1, 86_400),
    'Seconds within which a spawned session must be claimed, and then report, or it fails.',
  ),
  STALE_TIMEOUT: agents(
    '900',
    integer(1, 604_800),
    'Seconds without a report after which a working session is marked stale, until it reports again.',
  ),
  AGENT_TOKEN_LIFETIME: agents(
    '86400',
    integer(60, 31_536_000),
    'Seconds that the token of a spawned session is valid before the agent has to renew it.',
  ),
  AGENT_TOKEN_GRACE: agents(
    '900',
    integer(0, 86_400),
    'Seconds that the token of a completed session stays valid; that of a failed or stopped session ends at once.',
  ),

  LOG_LEVEL: logging('info', oneOf('error', 'warn', 'info', 'debug'), 'Lowest level that is logged.'),
  LOG_FORMAT: logging(
    undefined,
    oneOf('json', 'pretty'),
    'Format of log lines; without it, pretty on a terminal and json elsewhere.',
  ),
  LOG_FILE: logging(
    undefined,
    path,
    'File to append log lines to instead of standard output. SIGHUP opens it again, after it was renamed.',
  ),
  DEBUG: logging('false', trueOrFalse, 'The same as LOG_LEVEL=debug.'),
  NODE_ENV: logging(
    'development',
    oneOf('development', 'production', 'test'),
    'Checked, but without effect: the server behaves the same in every environment.',
  ),
});

/** The name of a setting, which is the name of its variable. */
export type SettingName = keyof typeof settings.shape;

/** The name of every setting, in the order of the catalogue. */
export const settingNames = Object.keys(settings.shape) as SettingName[];

/** What the catalogue says about a setting: its group, description, default and what it accepts. */
export function settingMeta(name: SettingName): SettingMeta {
  const meta = findSettingMeta(settings.shape[name]);
  if (meta === undefined) throw new Error(`The setting ${name} has no entry.`);
  return meta;
}

import type { Config } from './config/config.ts';
import type { HttpSettings } from './http/boundary/http-settings.ts';
import { defaultSocketLimits, type SocketLimits } from './realtime/socket/socket-limits.ts';
import { ownHosts } from './system/machine/own-hosts.ts';

/** How many items a list has for clients that know no pages. */
const wholeListLimit = 10_000;

/** The settings of HTTP from the configuration. */
export function httpSettings(config: Config): HttpSettings {
  const { HOST, SERVER_URL, ALLOWED_HOSTS, CORS_ENABLED, CORS_ORIGINS } = config;
  const urlHosts = SERVER_URL === undefined ? [] : [new URL(SERVER_URL).hostname];
  return {
    hosts: [...ownHosts(HOST), ...urlHosts, ...ALLOWED_HOSTS],
    corsOrigins: CORS_ENABLED ? CORS_ORIGINS : [],
    corsCredentials: config.CORS_CREDENTIALS,
    basePath: SERVER_URL === undefined ? '' : new URL(SERVER_URL).pathname.replace(/\/$/, ''),
    https: SERVER_URL?.startsWith('https:') ?? false,
    trustProxy: config.TRUST_PROXY,
    readsPerSecond: config.RATE_LIMIT_READS,
    writesPerSecond: config.RATE_LIMIT_WRITES,
    burst: config.RATE_LIMIT_BURST,
    listDefaultLimit: config.LIST_DEFAULT_LIMIT,
    listMaxLimit: config.LIST_MAX_LIMIT,
    // Only clients that know no tokens need AUTH=off, and those know no pages either.
    wholeListLimit: config.AUTH === 'off' ? wholeListLimit : undefined,
  };
}

/** The limits of sockets from the configuration. */
export function socketLimits(config: Config): SocketLimits {
  return {
    ...defaultSocketLimits,
    connections: config.SOCKETS,
    connectionsPerSubject: config.SOCKETS_PER_SUBJECT,
    subscriptions: config.SOCKET_SUBSCRIPTIONS,
    commandsPerSecond: config.SOCKET_COMMANDS,
    commandBurst: 3 * config.SOCKET_COMMANDS,
    outBufferBytes: config.SOCKET_OUT_BUFFER,
  };
}

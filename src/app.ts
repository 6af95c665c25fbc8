import { rm } from 'node:fs/promises';
import { hostname, platform } from 'node:os';
import type { Logger } from 'pino';
import { openFor } from './application/actor-store.ts';
import { forgetOldAttempts } from './application/attempts.ts';
import { openToAll } from './application/authenticator.ts';
import { EventBus } from './application/event-bus.ts';
import type { ManifestGenerator } from './application/manifests.ts';
import { createServices } from './application/services.ts';
import type { Config, Environment } from './config/config.ts';
import { createManifest } from './domain/manifest.ts';
import { endpoints } from './http/endpoints/catalogue.ts';
import { errorStatus } from './http/error-status.ts';
import { hostGuard } from './http/host-guard.ts';
import { createHttpApp } from './http/http-app.ts';
import { HttpServer } from './http/http-server.ts';
import type { HttpSettings } from './http/http-settings.ts';
import { originGuard } from './http/origin-guard.ts';
import { asyncApi } from './realtime/asyncapi.ts';
import { clientAddress } from './realtime/client-address.ts';
import { everySecond } from './realtime/every-second.ts';
import { type RealtimeLimits, usualLimits } from './realtime/realtime-limits.ts';
import { WebSocketBridge } from './realtime/websocket-bridge.ts';
import { WebSocketServer } from './realtime/websocket-server.ts';
import { openJsonStore } from './storage/json/json-store.ts';
import { nodeFileSystem } from './storage/json/node-file-system.ts';
import { AccessTokens } from './system/access-tokens.ts';
import { keepAdminToken } from './system/admin-token.ts';
import { adminTokenFile, authFolder, serverUrlFile } from './system/data-folder.ts';
import { listenFault } from './system/listen-fault.ts';
import { manifestCommand } from './system/manifest-command.ts';
import { manifestFolder } from './system/manifest-folder.ts';
import { ownHosts, ownUrl } from './system/own-hosts.ts';
import { publishUrl } from './system/server-url-file.ts';
import { shortDigest } from './system/short-digest.ts';
import { loadSecret } from './system/signing-secret.ts';
import { StopStack } from './system/stop-stack.ts';
import { TokenAuthenticator } from './system/token-authenticator.ts';
import { readVersion } from './system/version.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** A running server. */
export interface App {
  readonly url: string;
  /** Resolves with the fault when the store stops rather than guess; there is nothing left then but to stop. */
  readonly failed: Promise<unknown>;
  /** Lets running requests finish, then flushes and lets go of everything; more calls wait for the first. */
  readonly stop: () => Promise<void>;
}

/** What starting may be told beside the settings. */
export interface StartOptions {
  /** Whether the data folder says where the server is; true where it is not said. */
  readonly publish?: boolean;
  /** The environment of the process; the program that writes manifests is given what it needs of it. */
  readonly env?: Environment;
}

/**
 * Starts the server that the settings describe and resolves when it is ready. What was started is stopped again when starting fails. Throws StartError.
 */
export async function startApp(config: Config, log: Logger, options: StartOptions = {}): Promise<App> {
  const started = new StopStack();
  try {
    const { url, failed } = await build(config, log, options, started);
    return { url, failed, stop: () => started.stop() };
  } catch (error) {
    await started.stop().catch((fault) => log.error({ err: fault }, 'could not stop what was started'));
    throw error;
  }
}

async function build(
  config: Config,
  log: Logger,
  { publish = true, env = {} }: StartOptions,
  started: StopStack,
) {
  const { DATA_DIR, HOST, PORT, SHUTDOWN_TIMEOUT } = config;
  const now = Date.now;

  const server = new HttpServer();
  const port = await server.listen(HOST, PORT).catch((error) => {
    throw listenFault(error, HOST, PORT);
  });
  started.push(() => server.stop(0));
  log.debug({ port }, 'listening, and not ready yet');
  const url = config.SERVER_URL ?? ownUrl(HOST, port);

  let fail: (fault: unknown) => void = () => {};
  const failed = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const store = await openJsonStore({
    dataDir: DATA_DIR,
    files: nodeFileSystem(),
    now,
    retention: { events: config.EVENT_RETENTION_COUNT, ageMs: config.EVENT_RETENTION_DAYS * day },
    allowNetwork: config.STORE_ALLOW_NETWORK_FS,
    onFailure: fail,
    log: (level, message, details = {}) => log[level](details, message),
  });
  started.push(() => store.close());
  // Whoever wrote it is gone, for the folder is ours.
  await rm(serverUrlFile(DATA_DIR), { force: true });

  const bus = new EventBus((fault) => log.error({ err: fault }, 'a listener of events failed'));
  started.push(store.onCommit((events) => bus.publish(events)));

  const secret = await loadSecret(
    { secret: config.AUTH_SECRET, file: config.AUTH_SECRET_FILE, folder: authFolder(DATA_DIR) },
    (warning) => log.warn(warning),
  );
  const tokens = new AccessTokens(secret, now);
  const authenticator = new TokenAuthenticator(tokens, store);
  const signToken = tokens.sign.bind(tokens);
  const verify = authenticator.verify.bind(authenticator);
  const file = adminTokenFile(DATA_DIR);
  if (await keepAdminToken(authFolder(DATA_DIR), file, { store, sign: signToken, verify, now })) {
    log.info({ file }, 'made a new admin token');
  }

  const known = config.AUTH === 'off' ? openToAll : authenticator;
  const open = openFor(store);
  const realtime = { store, open, bus, authenticator: known, log, limits: realtimeLimits(config), now };
  const bridge = new WebSocketBridge(realtime);
  started.push(everySecond(() => bridge.beat()));
  const folder = manifestFolder(config.SESSION_DIR);
  const forgetManifest = (sessionId: string) =>
    void folder
      .remove(sessionId)
      .catch((fault) => log.error({ err: fault, sessionId }, 'could not remove a manifest'));
  const services = createServices({
    open,
    bus,
    host: { hostname: hostname(), platform: platform() },
    signToken,
    digest: shortDigest,
    sockets: bridge,
    manifests: manifestGenerator(config, env, server.stopping),
    folder,
    terms: { lifetimeMs: config.AGENT_TOKEN_LIFETIME * 1000, graceMs: config.AGENT_TOKEN_GRACE * 1000 },
    place: { MAESTRO_SERVER_URL: url, DATA_DIR, SESSION_DIR: config.SESSION_DIR },
    now,
  });
  started.push(
    bus.subscribe((events) => {
      for (const { name, data } of events) if (name === 'session:deleted') forgetManifest(data.id);
    }),
  );
  const forgetting = setInterval(() => {
    forgetOldAttempts(store, now()).catch((fault) =>
      log.error({ err: fault }, 'could not forget old attempts'),
    );
  }, hour);
  started.push(() => clearInterval(forgetting));

  const settings = httpSettings(config);
  const version = readVersion();
  const app = createHttpApp({
    endpoints,
    services,
    authenticator: known,
    settings,
    logger: log,
    server: {
      version,
      ready: () => server.ready,
      storeHealth: () => store.health(),
      asyncApi: () => JSON.stringify(asyncApi(version), null, 1),
    },
    stopping: server.stopping,
  });
  const sockets = new WebSocketServer({
    ...realtime,
    bridge,
    tickets: services.tickets,
    isOurs: hostGuard(settings.hosts),
    isFriendly: originGuard(settings.corsOrigins),
    addressOf: clientAddress(settings.trustProxy),
    statusOf: errorStatus,
    isReady: () => server.ready,
  });
  server.server.on('upgrade', sockets.upgrade);
  server.serve(app);
  if (publish) started.push(await publishUrl(serverUrlFile(DATA_DIR), url));
  const patience = SHUTDOWN_TIMEOUT * 1000;
  started.push(() => Promise.all([bridge.drain(patience), server.stop(patience)]));
  return { url, failed };
}

/** What the program that writes manifests gets of the environment: nothing that could be a secret. */
const programVariables = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

function manifestGenerator(config: Config, env: Environment, signal: AbortSignal): ManifestGenerator {
  if (config.MANIFEST_GENERATOR === 'server') return { generate: async (request) => createManifest(request) };
  return manifestCommand({
    program: config.MAESTRO_CLI_PATH,
    env: Object.fromEntries(programVariables.map((name) => [name, env[name] ?? ''])),
    sessionDir: config.SESSION_DIR,
    milliseconds: config.MANIFEST_TIMEOUT * 1000,
    signal,
  });
}

function realtimeLimits(config: Config): RealtimeLimits {
  return {
    ...usualLimits,
    connections: config.SOCKETS,
    connectionsPerSubject: config.SOCKETS_PER_SUBJECT,
    subscriptions: config.SOCKET_SUBSCRIPTIONS,
    commandsPerSecond: config.SOCKET_COMMANDS,
    commandBurst: 3 * config.SOCKET_COMMANDS,
    outBufferBytes: config.SOCKET_OUT_BUFFER,
  };
}

function httpSettings(config: Config): HttpSettings {
  const { HOST, SERVER_URL, ALLOWED_HOSTS, CORS_ENABLED, CORS_ORIGINS } = config;
  const ofUrl = SERVER_URL === undefined ? [] : [new URL(SERVER_URL).hostname];
  return {
    hosts: [...ownHosts(HOST), ...ofUrl, ...ALLOWED_HOSTS],
    corsOrigins: CORS_ENABLED ? CORS_ORIGINS : [],
    corsCredentials: config.CORS_CREDENTIALS,
    https: SERVER_URL?.startsWith('https:') ?? false,
    trustProxy: config.TRUST_PROXY,
    readsPerSecond: config.RATE_LIMIT_READS,
    writesPerSecond: config.RATE_LIMIT_WRITES,
    burst: config.RATE_LIMIT_BURST,
    listDefaultLimit: config.LIST_DEFAULT_LIMIT,
    listMaxLimit: config.LIST_MAX_LIMIT,
  };
}

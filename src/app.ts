import { rm } from 'node:fs/promises';
import { hostname, platform } from 'node:os';
import type { Logger } from 'pino';
import { agentDependencies, removeManifestsOnDelete } from './agent-dependencies.ts';
import { endpoints } from './api/endpoints/catalogue.ts';
import { createActorStoreFactory } from './application/access/actor-store.ts';
import { allowAllAuthenticator } from './application/access/authenticator.ts';
import { seedTemplates } from './application/agents/template-seed.ts';
import { EventBus } from './application/events/event-bus.ts';
import { createServices } from './application/services.ts';
import { expireEntities } from './application/store/expire-entities.ts';
import type { Store } from './application/store/store.ts';
import type { Config, Environment } from './config/config.ts';
import { errorStatus } from './http/boundary/error-status.ts';
import { hostGuard } from './http/boundary/host-guard.ts';
import type { HttpSettings } from './http/boundary/http-settings.ts';
import { originGuard } from './http/boundary/origin-guard.ts';
import { createHttpApp } from './http/http-app.ts';
import { HttpServer } from './http/http-server.ts';
import { asyncApi } from './realtime/protocol/asyncapi.ts';
import { clientAddress } from './realtime/socket/client-address.ts';
import { defaultSocketLimits, type SocketLimits } from './realtime/socket/socket-limits.ts';
import { WebSocketBridge } from './realtime/websocket-bridge.ts';
import { WebSocketServer } from './realtime/websocket-server.ts';
import { openOrAdoptStore } from './storage/json/adoption/adopt-folder.ts';
import { createNodeFileSystem } from './storage/json/disk/node-file-system.ts';
import { SkillFolder } from './system/agents/skill-folder.ts';
import { AccessTokens } from './system/credentials/access-tokens.ts';
import { keepAdminToken } from './system/credentials/admin-token.ts';
import { loadSecret } from './system/credentials/signing-secret.ts';
import { TokenAuthenticator } from './system/credentials/token-authenticator.ts';
import { adminTokenFile, authFolder, serverUrlFile } from './system/machine/data-folder.ts';
import { listenFault } from './system/machine/listen-error.ts';
import { ownHosts, ownUrl } from './system/machine/own-hosts.ts';
import { publishUrl } from './system/machine/server-url-file.ts';
import { StopStack } from './system/process/disposal-stack.ts';
import { everySecond, repeat } from './system/process/repeat.ts';
import { shortDigest } from './system/process/short-digest.ts';
import { readVersion } from './system/process/version.ts';

const minute = 60_000;
/** How often silent sessions are looked for. */
const sweepIntervalMs = 2000;
const day = 24 * 60 * minute;

/** A running server. */
export interface App {
  readonly url: string;
  /** Resolves with the fault when the store stops rather than guess; there is nothing left then but to stop. */
  readonly failure: Promise<unknown>;
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
    const { url, failed } = await startComponents(config, log, options, started);
    return { url, failure: failed, stop: () => started.stop() };
  } catch (error) {
    await started.stop().catch((fault) => log.error({ err: fault }, 'could not stop what was started'));
    throw error;
  }
}

async function startComponents(
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
  const store = await openStore(config, log, fail);
  started.push(() => store.close());
  // Whoever wrote it is gone when the folder is ours; beside a database others may serve.
  if (config.DATABASE_TYPE === 'filesystem') await rm(serverUrlFile(DATA_DIR), { force: true });

  const bus = new EventBus((fault) => log.error({ err: fault }, 'a listener of events failed'));
  started.push(
    store.onCommit(
      (events) => bus.publish(events),
      (news) => bus.hasSubscribers(news),
    ),
  );

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

  await seedTemplates(store);

  const known = config.AUTH === 'off' ? allowAllAuthenticator : authenticator;
  const open = createActorStoreFactory(store);
  const realtime = { store, open, bus, authenticator: known, log, limits: socketLimits(config), now };
  const bridge = new WebSocketBridge(realtime);
  started.push(everySecond(() => bridge.tick()));
  const agents = agentDependencies({ config, env, url, log, signal: server.shutdownSignal });
  const services = createServices({
    store,
    open,
    bus,
    host: { hostname: hostname(), platform: platform() },
    signToken,
    digest: shortDigest,
    sockets: bridge,
    ...agents,
    skills: new SkillFolder(config.SKILLS_DIR, ({ name, reason }) =>
      log.warn({ folder: config.SKILLS_DIR, skill: name }, `a skill is left out: ${reason}`),
    ),
    now,
  });
  started.push(removeManifestsOnDelete(bus, agents, log));
  const failing = (message: string) => (fault: unknown) => log.error({ err: fault }, message);
  started.push(repeat(() => expireEntities(store, now()), minute, failing('could not forget what is old')));
  started.push(
    repeat(() => services.liveness.sweep(), sweepIntervalMs, failing('could not look for silent sessions')),
  );

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
      isReady: () => server.isReady,
      storeHealth: () => store.health(),
      asyncApi: () => JSON.stringify(asyncApi(version), null, 1),
    },
    shutdownSignal: server.shutdownSignal,
  });
  const sockets = new WebSocketServer({
    ...realtime,
    bridge,
    tickets: services.tickets,
    isExpectedHost: hostGuard(settings.hosts),
    isAllowedOrigin: originGuard(settings.corsOrigins),
    addressOf: clientAddress(settings.trustProxy),
    statusOf: errorStatus,
    isReady: () => server.isReady,
  });
  server.nodeServer.on('upgrade', sockets.upgrade);
  server.serve(app);
  if (publish) started.push(await publishUrl(serverUrlFile(DATA_DIR), url));
  const patience = SHUTDOWN_TIMEOUT * 1000;
  started.push(() => Promise.all([bridge.drain(patience), server.stop(patience)]));
  return { url, failed };
}

/** Opens the store that the settings name; `onFailure` hears when it stops rather than guess. Throws StartError. */
export async function openStore(
  config: Config,
  log: Logger,
  onFailure: (fault: unknown) => void,
): Promise<Store> {
  const retention = { events: config.EVENT_RETENTION_COUNT, ageMs: config.EVENT_RETENTION_DAYS * day };
  if (config.DATABASE_TYPE === 'postgres') {
    // A server on files starts without the driver.
    const { openPostgresStore } = await import('./storage/postgres/postgres-store.ts');
    return openPostgresStore({
      url: config.DATABASE_URL,
      directUrl: config.DATABASE_DIRECT_URL,
      poolSize: config.DATABASE_POOL_SIZE,
      retention,
      onFailure,
    });
  }
  return openOrAdoptStore({
    dataDir: config.DATA_DIR,
    files: createNodeFileSystem(),
    now: Date.now,
    retention,
    allowNetwork: config.STORE_ALLOW_NETWORK_FS,
    onFatalError: onFailure,
    log: (level, message, details = {}) => log[level](details, message),
  });
}

function socketLimits(config: Config): SocketLimits {
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

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
import { systemErrorCode } from './domain/values/system-error.ts';
import { clientAddress } from './http/boundary/client-address.ts';
import { writeRawErrorResponse } from './http/boundary/error-response.ts';
import { onWebSocketUpgrade } from './http/boundary/node-server.ts';
import { serverGuard } from './http/boundary/request-guard.ts';
import { createHttpApp } from './http/http-app.ts';
import { HttpServer } from './http/http-server.ts';
import { openStore } from './open-store.ts';
import { asyncApi } from './realtime/protocol/asyncapi.ts';
import { WebSocketBridge } from './realtime/websocket-bridge.ts';
import { WebSocketServer } from './realtime/websocket-server.ts';
import { AccessTokens } from './system/credentials/access-tokens.ts';
import { ensureAdminToken } from './system/credentials/admin-token.ts';
import { loadSigningSecret } from './system/credentials/signing-secret.ts';
import { TokenAuthenticator } from './system/credentials/token-authenticator.ts';
import { adminTokenFile, authFolder, serverUrlFile } from './system/machine/data-folder.ts';
import { toListenError } from './system/machine/listen-error.ts';
import { ownUrl } from './system/machine/own-hosts.ts';
import { writeServerUrlFile } from './system/machine/server-url-file.ts';
import { DisposalStack } from './system/process/disposal-stack.ts';
import { everySecond, repeat } from './system/process/repeat.ts';
import { shortDigest } from './system/process/short-digest.ts';
import { readVersion } from './system/process/version.ts';
import { httpSettings, socketLimits } from './transport-settings.ts';

/** How often expired entities are deleted. */
const expiryIntervalMs = 60_000;
/** How often the server checks for silent sessions. */
const livenessIntervalMs = 2000;

/** A running server. */
export interface App {
  /** The URL that clients reach the server at. */
  readonly url: string;
  /** Resolves with the error when the store stops for good; all that can be done then is to stop the server. */
  readonly failure: Promise<unknown>;
  /** Lets running requests finish, then closes everything. More calls wait for the first. */
  readonly stop: () => Promise<void>;
}

/** What a start needs besides the configuration. */
export interface StartOptions {
  /** Whether to write the URL to the data folder, where commands find it; true by default. */
  readonly publish?: boolean;
  /** The environment of the process, some of which goes to the program that writes manifests; empty by default. */
  readonly env?: Environment;
}

/**
 * Starts a server with this configuration and resolves when it is ready. When a part cannot start, the parts before it
 * are stopped again. Throws StartError.
 */
export async function startApp(config: Config, log: Logger, options: StartOptions = {}): Promise<App> {
  const started = new DisposalStack();
  try {
    const { url, failure } = await startParts(config, log, options, started);
    return { url, failure, stop: () => started.dispose() };
  } catch (error) {
    await started
      .dispose()
      .catch((stopError) => log.error({ err: stopError }, 'could not stop after a failed start'));
    throw error;
  }
}

/** Starts one part after the other; each pushes what stops it to `started`. */
async function startParts(
  config: Config,
  log: Logger,
  { publish = true, env = {} }: StartOptions,
  started: DisposalStack,
): Promise<Pick<App, 'url' | 'failure'>> {
  const { DATA_DIR, HOST, PORT } = config;
  const now = Date.now;
  const logError = (message: string) => (error: unknown) => log.error({ err: error }, message);

  // The port comes first: GET /health answers from here on, however long the store takes to open.
  const server = new HttpServer();
  const port = await server.listen(HOST, PORT).catch((error) => {
    throw toListenError(error, HOST, PORT);
  });
  started.push(() => server.stop(0));
  log.debug({ port }, 'listening, and not ready yet');
  const url = config.SERVER_URL ?? ownUrl(HOST, port);

  let fail: (error: unknown) => void = () => {};
  const failure = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const store = await openStore(config, log, fail);
  started.push(() => store.close());
  // A file left by a server that crashed names a wrong URL. Servers that share a database may still use theirs.
  if (config.DATABASE_TYPE === 'filesystem') await rm(serverUrlFile(DATA_DIR), { force: true });

  const bus = new EventBus(logError('a subscriber of events failed'));
  started.push(
    store.onCommit(
      (events) => bus.publish(events),
      (streams) => bus.hasSubscribers(streams),
    ),
  );

  const { authenticator, signToken } = await openAccess(config, store, log);
  await seedTemplates(store);
  const open = createActorStoreFactory(store);

  const realtime = { store, open, bus, authenticator, log, limits: socketLimits(config), now };
  const bridge = new WebSocketBridge(realtime);
  started.push(everySecond(() => bridge.tick()));

  const agents = agentDependencies({ config, env, url, log, signal: server.shutdownSignal });
  started.push(removeManifestsOnDelete(bus, agents, log));
  const services = createServices({
    store,
    open,
    bus,
    host: { hostname: hostname(), platform: platform() },
    signToken,
    digest: shortDigest,
    sockets: bridge,
    ...agents,
    now,
  });
  started.push(
    repeat(
      () => expireEntities(store, now()),
      expiryIntervalMs,
      logError('could not delete expired entities'),
    ),
  );
  started.push(
    repeat(
      () => services.liveness.sweep(),
      livenessIntervalMs,
      logError('could not check for silent sessions'),
    ),
  );

  const settings = httpSettings(config);
  const version = readVersion();
  const isReady = () => server.isReady;
  const http = createHttpApp({
    endpoints,
    services,
    authenticator,
    settings,
    logger: log,
    server: {
      version,
      isReady,
      storeHealth: () => store.health(),
      asyncApi: () => JSON.stringify(asyncApi(version, settings.basePath), null, 1),
    },
    shutdownSignal: server.shutdownSignal,
  });
  const sockets = new WebSocketServer({
    ...realtime,
    bridge,
    tickets: services.tickets,
    ...serverGuard({ hosts: settings.hosts, origins: settings.corsOrigins }),
    addressOf: clientAddress(settings.trustProxy),
    rejectUpgrade: writeRawErrorResponse,
    isReady,
  });
  onWebSocketUpgrade(server.nodeServer, sockets.upgrade);
  server.serve(http);
  if (publish) started.push(await writeServerUrl(DATA_DIR, url, log));

  const stopTimeoutMs = config.SHUTDOWN_TIMEOUT * 1000;
  started.push(() => Promise.all([bridge.drain(stopTimeoutMs), server.stop(stopTimeoutMs)]));
  return { url, failure };
}

/** Loads or creates the secret and the admin token. Returns who authenticates requests, and who signs tokens. */
async function openAccess(config: Config, store: Store, log: Logger) {
  const folder = authFolder(config.DATA_DIR);
  const secret = await loadSigningSecret(
    { secret: config.AUTH_SECRET, file: config.AUTH_SECRET_FILE, folder },
    (warning) => log.warn(warning),
  );
  const tokens = new AccessTokens(secret, Date.now);
  const signToken = tokens.sign.bind(tokens);
  const authenticator = new TokenAuthenticator(tokens, store);
  const verify = authenticator.verify.bind(authenticator);
  const file = adminTokenFile(config.DATA_DIR);
  if (await ensureAdminToken(folder, file, { store, sign: signToken, verify, now: Date.now })) {
    log.info({ file }, 'created a new admin token');
  }
  return { authenticator: config.AUTH === 'off' ? allowAllAuthenticator : authenticator, signToken };
}

/** Writes where the server is, for commands to find it. On a full disk it serves without. Returns what removes it again. */
async function writeServerUrl(dataDir: string, url: string, log: Logger): Promise<() => Promise<void>> {
  const file = serverUrlFile(dataDir);
  try {
    return await writeServerUrlFile(file, url);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOSPC') throw error;
    log.warn(
      { file },
      'The disk is full: commands do not find this server, as its URL could not be written.',
    );
    return async () => {};
  }
}

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint, ServerState } from '../../../src/api/endpoint.ts';
import { type Authenticator, allowAllAuthenticator } from '../../../src/application/access/authenticator.ts';
import type { Services } from '../../../src/application/services.ts';
import type { Actor } from '../../../src/domain/access/access.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { HttpSettings } from '../../../src/http/boundary/http-settings.ts';
import { createNodeServer } from '../../../src/http/boundary/node-server.ts';
import { createHttpApp } from '../../../src/http/http-app.ts';

/** Actors by the tokens that stand for them. */
const actors: Readonly<Record<string, Actor>> = {
  admin: { id: 'ada', role: 'admin', projects: '*' },
  viewer: { id: 'vic', role: 'viewer', projects: new Set(['p1']) },
  agent: { id: 'ann', role: 'agent', projects: new Set(['p1']) },
  bound: { id: 'bob', role: 'agent', projects: new Set(['p1']), sessionId: 's1' },
};

/** The settings that the tests start from: no limits, no foreign origins. */
export const unlimitedSettings: HttpSettings = {
  hosts: [],
  corsOrigins: [],
  corsCredentials: false,
  basePath: '',
  https: false,
  trustProxy: 0,
  readsPerSecond: 0,
  writesPerSecond: 0,
  burst: 1000,
  listDefaultLimit: 200,
  listMaxLimit: 1000,
};

/** A line of the request log. */
export interface RequestLogLine {
  readonly level: 'info' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Endpoints of a test on a port of their own. */
export interface ServedEndpoints {
  readonly url: string;
  readonly server: Server;
  readonly lines: readonly RequestLogLine[];
  /** Resolves when so many requests have been logged. */
  waitForLogged(count: number): Promise<readonly RequestLogLine[]>;
  /** Tells what waits that the server stops. */
  readonly stopping: AbortController;
  stop(): Promise<void>;
}

/** What differs from the usual. */
export interface ServeOptions {
  readonly settings?: Partial<HttpSettings>;
  readonly authenticator?: Authenticator | 'off';
  readonly server?: Partial<ServerState>;
}

/** Serves endpoints that use no services, to the tokens `admin`, `viewer`, `agent` and `bound`. */
export async function serveEndpoints(
  endpoints: readonly Endpoint[],
  { settings, authenticator, server: state }: ServeOptions = {},
): Promise<ServedEndpoints> {
  const lines: RequestLogLine[] = [];
  const waiting = new Set<() => void>();
  const write = (level: RequestLogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } });
    for (const check of waiting) check();
  };
  const stopping = new AbortController();
  const app = createHttpApp({
    endpoints,
    services: {} as Services,
    authenticator: authenticator === 'off' ? allowAllAuthenticator : (authenticator ?? { verify: actorOf }),
    settings: { ...unlimitedSettings, ...settings },
    logger: { info: write('info'), error: write('error') },
    server: {
      version: '1.2.3',
      isReady: () => true,
      storeHealth: () => ({ status: 'ok' }),
      asyncApi: () => '{}',
      ...state,
    },
    shutdownSignal: stopping.signal,
  });
  const server = createNodeServer();
  server.on('request', app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    lines,
    stopping,
    waitForLogged: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (lines.length >= count) resolve(lines);
        };
        waiting.add(check);
        check();
      }),
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function actorOf(token: string | undefined): Promise<Actor> {
  const actor = token === undefined ? undefined : actors[token];
  if (actor === undefined) throw new AppError('UNAUTHORIZED', 'This token is none of the test.');
  return actor;
}

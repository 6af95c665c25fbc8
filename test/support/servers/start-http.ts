import { createSecretKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../../../src/api/endpoint.ts';
import { endpoints as catalogue } from '../../../src/api/endpoints/catalogue.ts';
import type { Authenticator } from '../../../src/application/access/authenticator.ts';
import type { Services } from '../../../src/application/services.ts';
import { newToken, type Token, type TokenRequest } from '../../../src/domain/access/token.ts';
import { createNodeServer, onWebSocketUpgrade } from '../../../src/http/boundary/node-server.ts';
import { createHttpApp } from '../../../src/http/http-app.ts';
import { AccessTokens } from '../../../src/system/credentials/access-tokens.ts';
import { TokenAuthenticator } from '../../../src/system/credentials/token-authenticator.ts';
import { openServices, type ServiceHarness } from '../services/service-harness.ts';

/** The HTTP side over the model of a store, on a port of its own. */
export interface HttpHarness extends ServiceHarness {
  readonly url: string;
  /** A token for these claims, with its record in the store. */
  createToken(request: TokenRequest, changes?: Partial<Token>): Promise<string>;
  /** Sends a request with JSON and gives back status, headers and body. */
  send(method: string, path: string, options?: SendOptions): Promise<HttpReply>;
  stop(): Promise<void>;
}

/** What stands before the HTTP side does. */
export interface HttpBase extends ServiceHarness {
  readonly authenticator: Authenticator;
}

/** What a test adds to the HTTP side. */
export interface HttpExtension {
  readonly services?: Partial<Services>;
  readonly asyncApi?: () => string;
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** What a request has besides method and path. */
export interface SendOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What came back. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** Starts the HTTP side; the test stops it. */
export async function startHttp(
  endpoints: readonly Endpoint[] = catalogue,
  extend: (base: HttpBase) => HttpExtension = () => ({}),
  bench: ServiceHarness = openServices(),
): Promise<HttpHarness> {
  const tokens = new AccessTokens(createSecretKey(Buffer.alloc(32, 7)), Date.now);
  const authenticator = new TokenAuthenticator(tokens, bench.store);
  const { services, asyncApi, onUpgrade } = extend({ ...bench, authenticator });
  const stopping = new AbortController();
  const app = createHttpApp({
    endpoints,
    services: { ...bench.services, ...services },
    authenticator,
    settings: {
      hosts: [],
      corsOrigins: [],
      corsCredentials: false,
      basePath: '',
      https: false,
      trustProxy: 1,
      readsPerSecond: 0,
      writesPerSecond: 0,
      burst: 0,
      listDefaultLimit: 200,
      listMaxLimit: 1000,
    },
    logger: { info: () => {}, error: () => {} },
    server: {
      version: '0.0.0',
      isReady: () => true,
      storeHealth: () => bench.store.health(),
      asyncApi: asyncApi ?? (() => '{}'),
    },
    shutdownSignal: stopping.signal,
  });
  const server = createNodeServer();
  server.on('request', app);
  if (onUpgrade !== undefined) onWebSocketUpgrade(server, onUpgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...bench,
    url,
    async createToken(request, changes) {
      const record = { ...newToken(request, 'test', Date.now()), ...changes };
      await bench.store.transaction('test', async (tx) => {
        await tx.lock('workspace');
        await tx.tokens.insert(record);
      });
      return tokens.sign(record);
    },
    async send(method, path, { token, body, headers } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
      const text = isStream ? await readFirstChunk(response) : await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    async stop() {
      stopping.abort();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await bench.store.close();
    },
  };
}

/** The first part of an answer that has no end. */
async function readFirstChunk(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

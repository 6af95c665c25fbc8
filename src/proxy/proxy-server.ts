import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../domain/errors.ts';
import { corsMiddleware } from '../http/boundary/cors-middleware.ts';
import { writeErrorResponse, writeRawErrorResponse } from '../http/boundary/error-response.ts';
import { createNodeServer, onWebSocketUpgrade } from '../http/boundary/node-server.ts';
import { requestIdOf } from '../http/boundary/request-context.ts';
import { type RequestGuard, requestGuard } from '../http/boundary/request-guard.ts';
import { proxyRequest } from './proxy-request.ts';
import { proxySocket } from './proxy-socket.ts';
import type { Upstream } from './upstream.ts';

/** The server a proxy passes requests to, and who may use the proxy. */
export interface ProxyOptions {
  readonly upstream: Upstream;
  /** The origins whose pages may use the proxy. */
  readonly allowedOrigins: readonly string[];
  /** Whether a connection may come from this address. */
  readonly isAllowedPeer: (address: string) => boolean;
}

/** Passes requests and sockets of clients without a token on to a server, with a token of its own. */
export class ProxyServer {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #guard: RequestGuard;
  readonly #sockets = new Set<Duplex>();

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#guard = requestGuard({
      hosts: [],
      origins: options.allowedOrigins,
      hostMessage: 'A proxy answers for localhost, 127.0.0.1 and [::1] only.',
      originMessage: 'Pages of this origin may not use this proxy; name it in --cors-origins if they should.',
    });
    const cors = corsMiddleware(options.allowedOrigins, false);
    this.#server = createNodeServer();
    this.#server.on('request', (req, res) => cors(req, res, () => void this.#handleRequest(req, res)));
    this.#server.on('connection', (socket) => {
      if (!options.isAllowedPeer(socket.remoteAddress ?? '')) socket.destroy();
    });
    onWebSocketUpgrade(this.#server, (req, socket, head) => void this.#handleUpgrade(req, socket, head));
  }

  /** Listens and resolves with the URL; port 0 takes a free one. Rejects with the error of the system. */
  async listen(host: string, port: number): Promise<string> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    const { port: taken } = this.#server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
  }

  /** Ends every connection and stops. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #handleRequest(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      this.#assertAllowed(req);
      await proxyRequest(req, res, this.#options.upstream);
    } catch (error) {
      if (res.headersSent || !(error instanceof AppError)) res.destroy();
      else writeErrorResponse(res, error, requestIdOf(req));
    }
  }

  async #handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => this.#sockets.delete(socket));
    const { upstream } = this.#options;
    const reject = (error: AppError) => writeRawErrorResponse(socket, error, requestIdOf(req));
    const noAnswer = new AppError('NOT_READY', `No server answers at ${upstream.url.origin}.`);
    try {
      this.#assertAllowed(req);
      await proxySocket(req, socket, head, upstream, () => reject(noAnswer));
    } catch (error) {
      if (error instanceof AppError) reject(error);
      else socket.destroy();
    }
  }

  #assertAllowed(req: IncomingMessage): void {
    this.#guard.assertHost(req);
    this.#guard.assertOrigin(req.headers);
  }
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../domain/errors.ts';
import { corsMiddleware } from '../http/boundary/cors-middleware.ts';
import { errorBody, writeError } from '../http/boundary/error-handler.ts';
import { errorStatus } from '../http/boundary/error-status.ts';
import { hostGuard } from '../http/boundary/host-guard.ts';
import { originGuard } from '../http/boundary/origin-guard.ts';
import { requestIdOf } from '../http/boundary/request-context.ts';
import { proxyRequest } from './proxy-request.ts';
import { proxySocket } from './proxy-socket.ts';
import type { Upstream } from './upstream.ts';

/** What a relay stands in front of, and for whom. */
export interface ProxyOptions {
  readonly upstream: Upstream;
  /** The origins whose pages may use it. */
  readonly allowedOrigins: readonly string[];
  /** Whether a connection may come from this address. */
  readonly isAllowedPeer: (address: string) => boolean;
}

/** Stands in front of a server for clients that have no token: what is allowed through gets one on its way. */
export class ProxyServer {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #isExpectedHost = hostGuard([]);
  readonly #isAllowedOrigin: ReturnType<typeof originGuard>;
  readonly #sockets = new Set<Duplex>();

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#isAllowedOrigin = originGuard(options.allowedOrigins);
    const cors = corsMiddleware(options.allowedOrigins, false);
    this.#server = createServer((req, res) => cors(req, res, () => void this.#handleRequest(req, res)));
    this.#server.on('connection', (socket) => {
      if (!options.isAllowedPeer(socket.remoteAddress ?? '')) socket.destroy();
    });
    this.#server.on('upgrade', (req, socket, head) => void this.#handleUpgrade(req, socket, head));
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
      else writeError(res, error, requestIdOf(req));
    }
  }

  async #handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => this.#sockets.delete(socket));
    const { upstream } = this.#options;
    const noAnswer = new AppError('NOT_READY', `No server answers at ${upstream.url.origin}.`);
    try {
      this.#assertAllowed(req);
      await proxySocket(req, socket, head, upstream, () => rejectUpgrade(socket, noAnswer, req));
    } catch (error) {
      if (error instanceof AppError) rejectUpgrade(socket, error, req);
      else socket.destroy();
    }
  }

  #assertAllowed(req: IncomingMessage): void {
    if (!this.#isExpectedHost(req)) {
      throw new AppError('MISDIRECTED_REQUEST', 'A relay answers for localhost, 127.0.0.1 and [::1] only.');
    }
    if (!this.#isAllowedOrigin(req.headers)) {
      throw new AppError(
        'ORIGIN_NOT_ALLOWED',
        'Pages of this origin may not use this relay; name it in --cors-origins if they should.',
      );
    }
  }
}

/** Answers a handshake with an error, in the one shape that every error has. */
function rejectUpgrade(socket: Duplex, error: AppError, req: IncomingMessage): void {
  const body = errorBody(error, requestIdOf(req));
  const head = [
    `HTTP/1.1 ${errorStatus[error.code]} ${error.code}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

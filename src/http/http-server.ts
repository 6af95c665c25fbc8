import { once } from 'node:events';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { healthOf } from '../api/health.ts';
import { AppError } from '../domain/errors.ts';
import { writeErrorResponse } from './boundary/error-response.ts';
import { createNodeServer } from './boundary/node-server.ts';
import { requestIdOf } from './boundary/request-context.ts';

/** How long a client may take, in milliseconds; the server may take longer to answer. */
export interface ConnectionTimeouts {
  /** For the headers of a request. */
  readonly headers: number;
  /** For a whole request. */
  readonly request: number;
  /** Between two requests on one connection. */
  readonly idle: number;
  /** How often the timeouts are checked. */
  readonly checkInterval: number;
}

const defaultTimeouts: ConnectionTimeouts = {
  headers: 10_000,
  request: 30_000,
  idle: 65_000,
  checkInterval: 5000,
};
/** WebSockets are connections too, and have a limit of their own. */
const maxConnections = 10_000;
const maxHeaders = 100;

/** A listening server. It answers NOT_READY to all but GET /health until `serve` is called, and once it stops. */
export class HttpServer {
  /** The server of Node, for those who handle upgrades. */
  readonly nodeServer: Server;
  readonly #stop = new AbortController();
  /** Each connection with the last response that was started on it. */
  readonly #connections = new Map<Socket, ServerResponse | undefined>();
  #listener: RequestListener | undefined;
  #closed: Promise<void> | undefined;

  constructor(timeouts: ConnectionTimeouts = defaultTimeouts) {
    this.nodeServer = createNodeServer({
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: timeouts.checkInterval,
    });
    this.nodeServer.maxConnections = maxConnections;
    this.nodeServer.maxHeadersCount = maxHeaders;
    this.nodeServer.on('connection', (socket) => {
      // A connection comes again when a request on it asked for an upgrade that is ignored.
      if (this.#connections.has(socket)) return;
      this.#connections.set(socket, undefined);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.nodeServer.on('request', (req, res) => {
      this.#connections.set(req.socket, res);
      if (this.shutdownSignal.aborted) this.#closeAfterResponse(res);
      if (this.#listener === undefined || this.shutdownSignal.aborted)
        respondNotReady(req.url, requestIdOf(req), res);
      else this.#listener(req, res);
    });
  }

  /** Aborts when the server stops. */
  get shutdownSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether requests are served. */
  get isReady(): boolean {
    return this.#listener !== undefined && !this.shutdownSignal.aborted;
  }

  /** Listens, and resolves with the port; 0 takes a free one. Rejects with the error of the system. */
  async listen(host: string, port: number): Promise<number> {
    this.nodeServer.listen(port, host);
    await once(this.nodeServer, 'listening');
    return (this.nodeServer.address() as AddressInfo).port;
  }

  /** Passes requests to the listener from now on. */
  serve(listener: RequestListener): void {
    this.#listener = listener;
  }

  /**
   * Accepts no more requests, aborts what waits, and resolves when running requests are answered and all connections are
   * closed; connections that are left after so many milliseconds are cut. More calls wait for the same end.
   */
  async stop(milliseconds: number): Promise<void> {
    this.#closed ??= this.#close();
    const cut = setTimeout(() => this.nodeServer.closeAllConnections(), milliseconds);
    await this.#closed;
    clearTimeout(cut);
  }

  async #close(): Promise<void> {
    this.#stop.abort();
    if (!this.nodeServer.listening) return;
    const closed = once(this.nodeServer, 'close');
    // Node closes connections between two requests, but not those that have not sent their first.
    this.nodeServer.close();
    for (const [socket, res] of this.#connections) {
      if (socket.bytesRead === 0) socket.destroy();
      if (res !== undefined) this.#closeAfterResponse(res);
    }
    await closed;
  }

  /** Closes the connection after its response. */
  #closeAfterResponse(res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Connection', 'close');
    res.once('close', () => setImmediate(() => this.nodeServer.closeIdleConnections()));
  }
}

function respondNotReady(url: string | undefined, requestId: string, res: ServerResponse): void {
  if (url === '/health') {
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    res.end(JSON.stringify(healthOf({ status: 'ok' })));
  } else {
    const error = new AppError('NOT_READY', 'The server is starting or stopping; try again.');
    writeErrorResponse(res, error, requestId);
  }
}

import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { healthOf } from '../api/health.ts';
import { AppError } from '../domain/errors.ts';
import { writeError } from './boundary/error-handler.ts';
import { writeRawErrorResponse } from './boundary/raw-error-response.ts';
import { requestIdOf } from './boundary/request-context.ts';

/** How long a client may take, in milliseconds; answering may take longer than any of them. */
export interface ConnectionTimeouts {
  /** For the headers of a request. */
  readonly headers: number;
  /** For a whole request. */
  readonly request: number;
  /** Between two requests on one connection. */
  readonly idle: number;
  /** How often connections are looked at. */
  readonly checkInterval: number;
}

const defaultTimeouts: ConnectionTimeouts = {
  headers: 10_000,
  request: 30_000,
  idle: 65_000,
  checkInterval: 5000,
};
/** Sockets are connections, too, and have a limit of their own. */
const maxConnections = 10_000;
const maxHeaders = 100;

/** A listening server. It answers NOT_READY to all but GET /health before it is told what to serve, and once it stops. */
export class HttpServer {
  /** The server of Node, for what wants to take over connections. */
  readonly nodeServer: Server;
  readonly #stop = new AbortController();
  /** Each connection with the last answer that was begun on it. */
  readonly #connections = new Map<Socket, ServerResponse | undefined>();
  #listener: RequestListener | undefined;
  #closed: Promise<void> | undefined;

  constructor(patience: ConnectionTimeouts = defaultTimeouts) {
    this.nodeServer = createServer({
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      keepAliveTimeout: patience.idle,
      connectionsCheckingInterval: patience.checkInterval,
    });
    this.nodeServer.maxConnections = maxConnections;
    this.nodeServer.maxHeadersCount = maxHeaders;
    this.nodeServer.on('connection', (socket) => {
      this.#connections.set(socket, undefined);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.nodeServer.on('clientError', (fault, socket: Socket) => {
      const last = this.#connections.get(socket);
      const amidAnswer = last?.headersSent === true && !last.writableEnded;
      if (amidAnswer || !socket.writable) socket.destroy();
      else writeRawErrorResponse(fault, socket, crypto.randomUUID());
    });
    this.nodeServer.on('request', (req, res) => {
      this.#connections.set(req.socket, res);
      if (this.shutdownSignal.aborted) this.#closeAfterResponse(res);
      if (this.#listener === undefined || this.shutdownSignal.aborted)
        respondNotReady(req.url, requestIdOf(req), res);
      else this.#listener(req, res);
    });
  }

  /** Ends when the server stops. */
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

  /** From now on requests go to the listener. */
  serve(listener: RequestListener): void {
    this.#listener = listener;
  }

  /**
   * Takes no more requests, ends what waits, and resolves when the running ones have their answers and all connections
   * are closed; what is left after so many milliseconds is cut. More calls wait for the same end.
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
    // Node closes connections between two requests, but not those that have yet to bring their first.
    this.nodeServer.close();
    for (const [socket, res] of this.#connections) {
      if (socket.bytesRead === 0) socket.destroy();
      if (res !== undefined) this.#closeAfterResponse(res);
    }
    await closed;
  }

  /** Closes the connection of the answer behind it. */
  #closeAfterResponse(res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Connection', 'close');
    res.once('close', () => setImmediate(() => this.nodeServer.closeIdleConnections()));
  }
}

function respondNotReady(url: string | undefined, requestId: string, res: ServerResponse): void {
  res.setHeader('X-Request-Id', requestId);
  if (url === '/health') {
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    res.end(JSON.stringify(healthOf({ status: 'ok' })));
  } else {
    writeError(res, new AppError('NOT_READY', 'The server is starting or stopping; try again.'), requestId);
  }
}

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../domain/errors.ts';
import { writeErrorResponse, writeRawErrorResponse } from './error-response.ts';
import { requestIdOf } from './request-context.ts';
import { requestParseError } from './request-parse-error.ts';

/** The last response that was started on each connection. */
const lastResponses = new WeakMap<Duplex, ServerResponse>();

/**
 * Creates a server whose every answer has the shape of ours, also where Node would answer by itself: what is not a request
 * or comes too late, names no host, has an unknown expectation, or asks for a tunnel.
 */
export function createNodeServer(options: ServerOptions = {}): Server {
  // Without this, Node answers a request without Host itself; the guard of hosts rejects it.
  const server = createServer({ ...options, requireHostHeader: false });
  server.on('request', (req, res) => lastResponses.set(req.socket, res));
  server.on('checkExpectation', (req, res) => {
    lastResponses.set(req.socket, res);
    const error = new AppError('EXPECTATION_FAILED', 'The only expectation of this server is 100-continue.');
    writeErrorResponse(res, error, requestIdOf(req));
  });
  server.on('connect', (req, socket) => {
    const error = new AppError('METHOD_NOT_ALLOWED', 'This server makes no tunnels, so it has no CONNECT.');
    reject(socket, error, requestIdOf(req));
  });
  server.on('clientError', (error, socket) => {
    const last = lastResponses.get(socket);
    const isResponding = last?.headersSent === true && !last.writableEnded;
    if (isResponding || !socket.writable) socket.destroy();
    else writeRawErrorResponse(socket, requestParseError(error), crypto.randomUUID());
  });
  return server;
}

/**
 * Passes upgrades to WebSocket on. An upgrade to anything else is an offer that a server may ignore (RFC 9110, 7.8): such a
 * request is answered as if it did not ask for one.
 */
export function onWebSocketUpgrade(
  server: Server,
  accept: (req: IncomingMessage, socket: Duplex, head: Buffer) => void,
): void {
  server.on('upgrade', (req, socket, head) => {
    if (req.headers.upgrade?.toLowerCase() === 'websocket') accept(req, socket, head);
    else serveWithoutUpgrade(server, req, socket, head);
  });
}

/**
 * Gives the connection back to the server, which reads the request again without its Upgrade header. Node has stopped
 * reading HTTP on it by now, and passes what came after the headers as `head`.
 */
function serveWithoutUpgrade(server: Server, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  // Node drops headers beyond its limit: without one that gives its length, a body would be read as another request.
  if (req.rawHeaders.length >= 2 * (server.maxHeadersCount ?? 2000)) {
    reject(socket, new AppError('HEADERS_TOO_LARGE', 'The request has too many headers.'), requestIdOf(req));
    return;
  }
  // Node has removed its own listener, and an error without any would end the process.
  const onError = () => socket.destroy();
  socket.on('error', onError);
  const serve = () => {
    if (socket.destroyed || !socket.writable) return;
    socket.off('error', onError);
    req.socket.setTimeout(0);
    socket.unshift(Buffer.concat([headOf(req), head]));
    server.emit('connection', socket);
  };
  const last = lastResponses.get(socket);
  // Answers to requests that were sent before it come first.
  if (last === undefined || last.closed) serve();
  else last.once('close', serve);
}

/** The request line and headers as they were sent, without Upgrade. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function reject(socket: Duplex, error: AppError, requestId: string): void {
  socket.on('error', () => socket.destroy());
  writeRawErrorResponse(socket, error, requestId);
}

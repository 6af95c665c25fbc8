import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  forwardedRequestHeaders,
  forwardedResponseHeaders,
  type RequestHeaders,
  requestPath,
  requestUpstream,
  type Upstream,
} from './upstream.ts';

/**
 * Passes a handshake on with the token, subscribed to everything unless it names channels, and then data in both
 * directions. A rejection of the server is passed to the client. Throws AppError when there is no token; `onUnanswered` is
 * called when no server answers.
 */
export async function proxySocket(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  upstream: Upstream,
  onUnanswered: () => void,
): Promise<void> {
  const headers = forwardedRequestHeaders(req.headers, upstream.url, await upstream.token());
  // The client may have disconnected while the token was read.
  if (socket.destroyed) return;
  const outgoing = requestUpstream(upstream, 'GET', upstreamPath(requestPath(req)), {
    ...withoutCredentials(headers),
    connection: 'Upgrade',
    upgrade: 'websocket',
  });
  outgoing.on('error', onUnanswered);
  socket.once('close', () => outgoing.destroy());
  outgoing.on('upgrade', (answer: IncomingMessage, server: Duplex, first: Buffer) => {
    server.on('error', () => socket.destroy());
    server.once('close', () => socket.destroy());
    socket.once('close', () => server.destroy());
    socket.write(responseHead(answer, ['Connection: Upgrade', 'Upgrade: websocket']));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) server.write(head);
    server.pipe(socket).pipe(server);
  });
  outgoing.on('response', (answer) => {
    socket.write(responseHead(answer, ['Connection: close']));
    answer.pipe(socket);
  });
  outgoing.end();
}

/** The headers without subprotocols that hold a credential: the server rejects a second one next to that of the proxy. */
function withoutCredentials({
  'sec-websocket-protocol': protocols,
  ...rest
}: RequestHeaders): RequestHeaders {
  const kept = String(protocols ?? '')
    .split(',')
    .filter((name) => !name.trim().startsWith('maestro.bearer.'))
    .join(',');
  return kept === '' ? rest : { ...rest, 'sec-websocket-protocol': kept };
}

/** The path with the requested channels, and without a ticket. */
function upstreamPath(path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  searchParams.delete('ticket');
  if (!searchParams.has('channels')) searchParams.set('channels', '*');
  return `${pathname}?${searchParams}`;
}

function responseHead(answer: IncomingMessage, more: readonly string[]): string {
  const { statusCode = 502 } = answer;
  const headers = forwardedResponseHeaders(answer).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
  return [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`, ...headers, ...more, '', ''].join(
    '\r\n',
  );
}

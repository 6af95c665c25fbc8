import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/errors.ts';
import { protocolName } from './protocol/frames.ts';

/** The credential of a handshake, if it has one. */
export type HandshakeCredential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'ticket'; readonly ticket: string }
  | { readonly kind: 'none' };

/** What a client asks for when it connects. */
export interface Handshake {
  readonly credential: HandshakeCredential;
  /** The channels to follow at once; `*` stands for all that there are for the actor, later ones included. */
  readonly channels: readonly string[];
}

const paths = ['/ws', '/'];
const secretNames = /^(?:(?:access|auth|bearer)[_-]?)?token$|^jwt$|^bearer$|^authorization$|^api[_-]?key$/i;
const bearerProtocol = 'maestro.bearer.';
const bearerHeader = /^Bearer +([^\s,]+) *$/i;

/** Throws NOT_FOUND for a path that is not one of sockets, in a message without the URL, which may hold a secret. */
export function assertSocketPath({ url = '' }: IncomingMessage): void {
  const [path = ''] = url.split('?');
  if (!paths.includes(path)) throw new AppError('NOT_FOUND', 'Sockets are at /ws.');
}

/**
 * Parses the handshake. Throws BAD_REQUEST for a credential in the URL, for more than one credential, for an unknown query
 * parameter, and for subprotocols that do not include the one of this server.
 */
export function readHandshake({ url = '', headers }: IncomingMessage): Handshake {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  for (const name of query.keys()) {
    if (secretNames.test(name)) {
      throw new AppError(
        'BAD_REQUEST',
        'A credential in a URL ends up in logs: send it in the Authorization header or as a subprotocol, or get a ticket. Replace this one, as it may be in a log already.',
      );
    }
    if (name !== 'ticket' && name !== 'channels') {
      throw new AppError('BAD_REQUEST', 'The handshake takes the query parameters channels and ticket.');
    }
  }
  const protocols = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (protocols.length > 0 && !protocols.includes(protocolName)) {
    throw new AppError('BAD_REQUEST', `The subprotocol of this server is ${protocolName}: offer it too.`);
  }
  const credentials = [
    ...fromHeader(headers.authorization),
    ...fromProtocols(protocols),
    ...fromQuery(query),
  ];
  if (credentials.length > 1) throw new AppError('BAD_REQUEST', 'Send one credential, not several.');
  const channels = query.getAll('channels').flatMap((list) => list.split(','));
  return { credential: credentials[0] ?? { kind: 'none' }, channels: [...new Set(channels.filter(Boolean))] };
}

function fromHeader(header: string | undefined): HandshakeCredential[] {
  if (header === undefined) return [];
  const token = bearerHeader.exec(header)?.[1];
  if (token === undefined) {
    throw new AppError('UNAUTHORIZED', 'The Authorization header is not of the form "Bearer <token>".');
  }
  return [{ kind: 'token', token }];
}

function fromProtocols(protocols: readonly string[]): HandshakeCredential[] {
  return protocols
    .filter((name) => name.startsWith(bearerProtocol))
    .map((name) => ({ kind: 'token', token: name.slice(bearerProtocol.length) }));
}

function fromQuery(query: URLSearchParams): HandshakeCredential[] {
  return query.getAll('ticket').map((ticket) => ({ kind: 'ticket', ticket }));
}

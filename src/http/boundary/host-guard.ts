import type { IncomingMessage } from 'node:http';
import { hostOf } from './host-of.ts';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const hostPattern = /^(\[[0-9a-f:.]+\]|[^:[\]\s/?#@]+)(?::[0-9]{1,5})?$/i;

/** The parts of a request that say which host it was sent to. */
export type RequestHost = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>;

/**
 * Creates the check that a request was sent to this server, and not to a name that someone else resolves to its address:
 * true for loopback names and the given host names or addresses, with any port. A request with two Host headers fails.
 */
export function hostGuard(names: Iterable<string>): (request: RequestHost) => boolean {
  const allowed = new Set(loopbackNames);
  for (const name of names) allowed.add(bracketed(name.toLowerCase()));
  const isAllowed = (host: string | undefined) => {
    const name = host === undefined ? undefined : hostPattern.exec(host)?.[1];
    return name !== undefined && allowed.has(name.toLowerCase());
  };
  return ({ url, headers, rawHeaders }) =>
    isAllowed(headers.host) &&
    countHostHeaders(rawHeaders) === 1 &&
    (url?.startsWith('/') || isAllowed(hostOf(url)));
}

function bracketed(name: string): string {
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

/** `headers.host` does not show a second Host header: Node keeps the first. */
function countHostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

import type { IncomingMessage } from 'node:http';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];
const hostPattern = /^(\[[0-9a-f:.]+\]|[^:[\]\s/?#@]+)(?::[0-9]{1,5})?$/i;

/** What of a request tells which host it was sent to. */
export type RequestHost = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>;

/**
 * Makes the check that a request was sent to this server and not to a name that someone else resolves to its address:
 * true for loopback names and the given host names or addresses, with any port. Two Host headers are never fine.
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

/** Node keeps the first of two Host headers and says nothing. */
function countHostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** The host of a request line that spells the whole URL. */
function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}

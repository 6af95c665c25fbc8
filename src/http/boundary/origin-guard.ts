import type { IncomingHttpHeaders } from 'node:http';

/**
 * Makes the check that no page of another origin is behind a request: true for clients that are no browser, for the
 * server's own pages, and for exactly the given origins. It is for whatever changes something, and for sockets: a
 * body-less POST needs no preflight, so CORS alone does not stop it.
 */
export function originGuard(origins: Iterable<string>): (headers: IncomingHttpHeaders) => boolean {
  const allowed = new Set(origins);
  return ({ origin, host, 'sec-fetch-site': site }) => {
    if (origin === 'null') return false;
    if (site === 'same-origin' || site === 'none') return true;
    if (origin !== undefined && allowed.has(origin)) return true;
    return site === undefined && (origin === undefined || hostOf(origin) === host?.toLowerCase());
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

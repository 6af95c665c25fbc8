import type { IncomingHttpHeaders } from 'node:http';
import { hostOf } from './host-of.ts';

/**
 * Creates the check that no page of another origin sent a request: true for clients other than browsers, for the server's
 * own pages, and for exactly the given origins. CORS alone does not stop changes: a POST without a body has no preflight.
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

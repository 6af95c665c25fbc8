import type { IncomingMessage } from 'node:http';
import { corsMiddleware } from './cors-middleware.ts';
import type { HttpSettings } from './http-settings.ts';
import type { ResponseWithContext } from './request-context.ts';
import { serverGuard } from './request-guard.ts';
import { isSafeMethod } from './safe-method.ts';
import { securityHeaders } from './security-headers.ts';

/**
 * Wraps `next` in the boundary that every request passes: each answer gets security headers and the id of its request.
 * Throws BAD_REQUEST without a host, MISDIRECTED_REQUEST for another one, and ORIGIN_NOT_ALLOWED for a change that a page of another origin asks for.
 */
export function securityBoundary(
  settings: HttpSettings,
  styles: readonly string[],
  next: (req: IncomingMessage, res: ResponseWithContext) => void,
): (req: IncomingMessage, res: ResponseWithContext) => void {
  const guard = serverGuard({ hosts: settings.hosts, origins: settings.corsOrigins });
  const cors =
    settings.corsOrigins.length === 0
      ? undefined
      : corsMiddleware(settings.corsOrigins, settings.corsCredentials);
  const headers = [
    ...securityHeaders({ https: settings.https, variesByOrigin: cors !== undefined, styleSources: styles }),
  ];

  return (req, res) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    res.setHeader('X-Request-Id', res.locals.context.id);
    guard.assertHost(req);
    if (!isSafeMethod(req.method)) guard.assertOrigin(req.headers);
    if (cors === undefined) next(req, res);
    else cors(req, res, () => next(req, res));
  };
}

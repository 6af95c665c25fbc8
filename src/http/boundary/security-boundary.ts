import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/errors.ts';
import { corsMiddleware } from './cors-middleware.ts';
import { hostGuard } from './host-guard.ts';
import type { HttpSettings } from './http-settings.ts';
import { originGuard } from './origin-guard.ts';
import { isSafeMethod, type ResponseWithContext } from './request-context.ts';
import { securityHeaders } from './security-headers.ts';

/**
 * Puts the boundary around `inside`: every answer gets its security headers and the id of its request, and what was
 * sent to another host (MISDIRECTED_REQUEST) or by a page of another origin (ORIGIN_NOT_ALLOWED) is thrown out.
 */
export function securityBoundary(
  settings: HttpSettings,
  styles: readonly string[],
  inside: (req: IncomingMessage, res: ResponseWithContext) => void,
): (req: IncomingMessage, res: ResponseWithContext) => void {
  const isExpectedHost = hostGuard(settings.hosts);
  const isAllowedOrigin = originGuard(settings.corsOrigins);
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
    if (!isExpectedHost(req)) {
      throw new AppError(
        'MISDIRECTED_REQUEST',
        'This server does not answer for the host of the request; name it in ALLOWED_HOSTS if it should.',
      );
    }
    if (!isSafeMethod(req.method) && !isAllowedOrigin(req.headers)) {
      throw new AppError(
        'ORIGIN_NOT_ALLOWED',
        'Pages of this origin may not change anything here; name it in CORS_ORIGINS if they should.',
      );
    }
    if (cors === undefined) inside(req, res);
    else cors(req, res, () => inside(req, res));
  };
}

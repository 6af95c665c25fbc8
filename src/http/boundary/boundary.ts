import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/errors.ts';
import { crossOrigin } from './cross-origin.ts';
import { hostGuard } from './host-guard.ts';
import type { HttpSettings } from './http-settings.ts';
import { originGuard } from './origin-guard.ts';
import { type Carrier, isRead } from './request-context.ts';
import { securityHeaders } from './security-headers.ts';

/**
 * Puts the boundary around `inside`: every answer gets its security headers and the id of its request, and what was
 * sent to another host (MISDIRECTED_REQUEST) or by a page of another origin (ORIGIN_NOT_ALLOWED) is thrown out.
 */
export function boundary(
  settings: HttpSettings,
  styles: readonly string[],
  inside: (req: IncomingMessage, res: Carrier) => void,
): (req: IncomingMessage, res: Carrier) => void {
  const isOurs = hostGuard(settings.hosts);
  const isFriendly = originGuard(settings.corsOrigins);
  const cors =
    settings.corsOrigins.length === 0
      ? undefined
      : crossOrigin(settings.corsOrigins, settings.corsCredentials);
  const headers = [...securityHeaders({ https: settings.https, crossOrigin: cors !== undefined, styles })];

  return (req, res) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    res.setHeader('X-Request-Id', res.locals.exchange.id);
    if (!isOurs(req)) {
      throw new AppError(
        'MISDIRECTED_REQUEST',
        'This server does not answer for the host of the request; name it in ALLOWED_HOSTS if it should.',
      );
    }
    if (!isRead(req.method) && !isFriendly(req.headers)) {
      throw new AppError(
        'ORIGIN_NOT_ALLOWED',
        'Pages of this origin may not change anything here; name it in CORS_ORIGINS if they should.',
      );
    }
    if (cors === undefined) inside(req, res);
    else cors(req, res, () => inside(req, res));
  };
}

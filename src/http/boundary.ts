import type { NextFunction, Request } from 'express';
import { AppError } from '../domain/errors.ts';
import { crossOrigin } from './cross-origin.ts';
import { exchangeOf, isRead, type Reply } from './exchange.ts';
import { hostGuard } from './host-guard.ts';
import type { HttpSettings } from './http-settings.ts';
import { originGuard } from './origin-guard.ts';
import type { RequestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';

/**
 * Makes the first middleware of every request: gives it an id, sets the security headers, and refuses
 * what was sent to another host (MISDIRECTED_REQUEST) or by a page of another origin (ORIGIN_NOT_ALLOWED).
 */
export function boundary(settings: HttpSettings, styles: readonly string[], log: RequestLog) {
  const isOurs = hostGuard(settings.hosts);
  const isFriendly = originGuard(settings.corsOrigins);
  const cors =
    settings.corsOrigins.length === 0
      ? undefined
      : crossOrigin(settings.corsOrigins, settings.corsCredentials);
  const headers = [...securityHeaders({ https: settings.https, crossOrigin: cors !== undefined, styles })];

  return (req: Request, res: Reply, next: NextFunction): void => {
    const exchange = exchangeOf(req);
    res.locals.exchange = exchange;
    // A preflight is answered where nobody sees it end; all else is logged with its answer.
    if (req.method === 'OPTIONS') res.once('close', () => log(res));
    for (const [name, value] of headers) res.setHeader(name, value);
    res.setHeader('X-Request-Id', exchange.id);
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
    if (cors === undefined) next();
    else cors(req, res, next);
  };
}

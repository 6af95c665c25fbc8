import type { Request } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { RateLimiter } from '../../application/access/rate-limiter.ts';
import { AppError } from '../../domain/errors.ts';
import { clientAddress } from '../boundary/client-address.ts';
import type { HttpSettings } from '../boundary/http-settings.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { isSafeMethod } from '../boundary/safe-method.ts';

const failuresPerMinute = 10;

/**
 * Creates the limiter of the requests of each actor: so many reads and so many writes a second, and a burst of either at
 * once. It throws RATE_LIMITED, and sets in every answer how much is left.
 */
export function actorLimiter(
  settings: HttpSettings,
): (req: Request, res: ExpressResponse, actorId: string) => void {
  const { readsPerSecond, writesPerSecond, burst } = settings;
  const reads = quota('reads', readsPerSecond, burst);
  const writes = quota('writes', writesPerSecond, burst);
  return (req, res, actorId) => (isSafeMethod(req.method) ? reads : writes)?.(res, actorId);
}

function quota(name: string, perSecond: number, burst: number) {
  if (perSecond === 0) return undefined;
  const buckets = new RateLimiter(perSecond, burst, () => performance.now());
  const policy = `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  return (res: ExpressResponse, actorId: string): void => {
    const { allowed, remaining, retryAfter, resetAfter } = buckets.take(actorId);
    res.setHeader('RateLimit-Policy', policy);
    res.setHeader('RateLimit', `"${name}";r=${remaining};t=${Math.ceil(resetAfter / 1000)}`);
    if (allowed) return;
    res.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfter / 1000)));
    throw new AppError(
      'RATE_LIMITED',
      `More than ${perSecond} ${name} a second; try again after Retry-After seconds.`,
    );
  };
}

/** Creates the limiter of rejected credentials: 10 a minute from one address, then it throws RATE_LIMITED. */
export function authenticationFailureLimiter(
  trustProxy: number,
): (req: Request, res: ExpressResponse) => Promise<void> {
  const message =
    'Too many rejected credentials came from this address; try again after Retry-After seconds.';
  const addressOf = clientAddress(trustProxy);
  const count = rateLimit({
    identifier: 'failures',
    limit: failuresPerMinute,
    windowMs: 60_000,
    keyGenerator: (req) => ipKeyGenerator(addressOf(req)),
    handler: (_req, _res, next) => next(new AppError('RATE_LIMITED', message)),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // It would warn about a forwarded address that no trusted proxy wrote, which is ignored on purpose.
    validate: false,
  });
  return (req, res) =>
    new Promise((resolve, reject) => {
      void count(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    });
}

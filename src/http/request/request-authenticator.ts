import type { Request } from 'express';
import type { Authenticator } from '../../application/access/authenticator.ts';
import type { Actor } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import type { ExpressResponse } from '../boundary/request-context.ts';
import { authenticationFailureLimiter } from './rate-limit.ts';

const bearer = /^Bearer +([^\s,]+) *$/i;

/**
 * Creates the function that finds the actor of a request by its bearer token. It throws UNAUTHORIZED, and RATE_LIMITED
 * for an address with too many rejected tokens; a valid token is never rejected because of others.
 */
export function requestAuthenticator(
  authenticator: Authenticator,
  trustProxy: number,
): (req: Request, res: ExpressResponse) => Promise<Actor> {
  const countFailure = authenticationFailureLimiter(trustProxy);
  return async (req, res) => {
    const header = req.headers.authorization;
    try {
      const actor = await authenticator.verify(header === undefined ? undefined : tokenIn(header));
      res.locals.context.actor = actor;
      return actor;
    } catch (error) {
      if (header !== undefined && error instanceof AppError && error.code === 'UNAUTHORIZED') {
        await countFailure(req, res);
      }
      throw error;
    }
  };
}

function tokenIn(header: string): string {
  const token = bearer.exec(header)?.[1];
  if (token === undefined) {
    throw new AppError('UNAUTHORIZED', 'The Authorization header is not of the form "Bearer <token>".');
  }
  return token;
}

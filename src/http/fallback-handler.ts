import type { Request } from 'express';
import type { Endpoint } from '../api/endpoint.ts';
import type { Actor } from '../domain/access/access.ts';
import { AppError } from '../domain/errors.ts';
import type { ExpressResponse } from './boundary/request-context.ts';

/**
 * Creates the handler of requests that no endpoint matches: OPTIONS gets the methods of the path, another method
 * METHOD_NOT_ALLOWED if the caller may know them, and an unknown path NOT_FOUND.
 */
export function fallbackHandler(
  endpoints: readonly Endpoint[],
  authenticate: (req: Request, res: ExpressResponse) => Promise<Actor>,
): (req: Request, res: ExpressResponse) => Promise<void> {
  const paths = endpoints.map((endpoint) => ({ endpoint, pattern: patternOf(endpoint.path) }));
  return async (req, res) => {
    const matching = paths.filter(({ pattern }) => pattern.test(req.path)).map(({ endpoint }) => endpoint);
    const [first] = matching;
    if (first === undefined) {
      throw new AppError('NOT_FOUND', 'No endpoint has this path; GET / lists all endpoints.');
    }
    res.locals.context.route = first.path;
    const methods = new Set(
      matching.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    );
    const allowed = [...methods, 'OPTIONS'];
    const allow = allowed.join(', ');
    res.setHeader('Allow', allow);
    if (req.method === 'OPTIONS') {
      res.statusCode = 204;
      res.end();
      return;
    }
    if (matching.every(({ permission }) => permission !== 'public')) await authenticate(req, res);
    throw new AppError('METHOD_NOT_ALLOWED', `This path accepts ${allow}, not ${req.method}.`, {
      allowed,
    });
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}/?$`);
}

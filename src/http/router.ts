import type { Express, Request } from 'express';
import type { Authenticator } from '../application/authenticator.ts';
import type { Services } from '../application/services.ts';
import { authentication } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { Endpoint, Method } from './endpoint.ts';
import type { Reply } from './exchange.ts';
import type { HttpSettings } from './http-settings.ts';
import { actorLimiter } from './rate-limit.ts';
import { requestReader } from './read-request.ts';
import { RequestCall } from './request-call.ts';
import { sendAnswer, sendOutcome } from './send-answer.ts';
import type { ServerState } from './server-state.ts';
import { unknownPath } from './unknown-path.ts';

/** What requests are answered with. */
export interface Engine {
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly settings: HttpSettings;
  readonly server: ServerState;
  /** Ends when the server stops: what waits for something then answers at once. */
  readonly stopping: AbortSignal;
}

/**
 * Makes every endpoint a route of the app: authenticate, authorize, limit, validate, handle, answer. Throws for two
 * endpoints of one method and path.
 */
export function mountEndpoints(app: Express, endpoints: readonly Endpoint[], engine: Engine): void {
  const authenticate = authentication(engine.authenticator);
  const limit = actorLimiter(engine.settings);

  function route(endpoint: Endpoint) {
    const { permission, path, answer, handle } = endpoint;
    const read = requestReader(endpoint, engine.settings);
    return async (req: Request, res: Reply): Promise<void> => {
      res.locals.exchange.route = path;
      if (permission === 'public') {
        const { params, query, body, list } = await read(req, res);
        // The schemas that made the input are the ones that the handler's types come from.
        const input = { params, query, body, page: list?.page, server: engine.server } as never;
        sendAnswer(req, res, answer, await handle(input, engine.services), list);
        return;
      }
      const actor = await authenticate(req, res);
      authorize(actor, permission);
      limit(req, res, actor.id);
      const { params, query, body, rawBody, list } = await read(req, res);
      const call = new RequestCall(req, res, actor, rawBody, engine.stopping);
      const input = { params, query, body, page: list?.page, call } as never;
      const value = await handle(input, engine.services);
      sendOutcome(res, call.outcome);
      sendAnswer(req, res, answer, value, list);
    };
  }

  const seen = new Set<string>();
  for (const endpoint of [...endpoints].sort(byTellingness)) {
    const name = `${endpoint.method} ${endpoint.path}`;
    if (seen.has(name)) throw new Error(`Two endpoints are ${name}.`);
    seen.add(name);
    app[verbs[endpoint.method]](endpoint.path, route(endpoint));
  }
  app.use(unknownPath(endpoints, authenticate));
}

const verbs = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
} as const satisfies Record<Method, string>;

/** Express takes the first route that matches: a word must come before a parameter in its place. */
function byTellingness(a: Endpoint, b: Endpoint): number {
  const [left, right] = [a, b].map(({ path }) => path.replaceAll(/:[^/]+/g, '\uffff'));
  return left === right ? 0 : (left ?? '') < (right ?? '') ? -1 : 1;
}

import type { Express, Request } from 'express';
import type { PageInput } from '../api/answer.ts';
import { comparesVersions, type Endpoint, type Method, type ServerState } from '../api/endpoint.ts';
import type { Authenticator } from '../application/access/authenticator.ts';
import type { Services } from '../application/services.ts';
import type { Permission } from '../domain/access/access.ts';
import type { Page } from '../domain/values/page.ts';
import type { HttpSettings } from './boundary/http-settings.ts';
import type { ExpressResponse } from './boundary/request-context.ts';
import type { RequestLog } from './boundary/request-log.ts';
import { fallbackHandler } from './fallback-handler.ts';
import { authorize } from './request/authorize.ts';
import { actorLimiter } from './request/rate-limit.ts';
import { requestAuthenticator } from './request/request-authenticator.ts';
import { RequestCall } from './request/request-call.ts';
import { requestReader } from './request/request-reader.ts';
import { sendAnswer, sendOutcome } from './response/send-answer.ts';
import { sendStream } from './response/send-stream.ts';
import { sendWholeList } from './response/send-whole-list.ts';

/** What the router needs. */
export interface RouterDependencies {
  readonly services: Services;
  readonly authenticator: Authenticator;
  readonly settings: HttpSettings;
  readonly server: ServerState;
  readonly log: RequestLog;
  /** Aborts when the server stops: requests that wait are then answered at once. */
  readonly shutdownSignal: AbortSignal;
}

/**
 * Adds a route to the app for every endpoint: authenticate, authorize, limit, validate, handle, answer. Throws when two
 * endpoints have the same method and path.
 */
export function mountEndpoints(
  app: Express,
  endpoints: readonly Endpoint[],
  dependencies: RouterDependencies,
): void {
  const authenticate = requestAuthenticator(dependencies.authenticator, dependencies.settings.trustProxy);
  const limit = actorLimiter(dependencies.settings);
  const { basePath } = dependencies.settings;

  function route(endpoint: Endpoint) {
    const { permission, path, answer, handle } = endpoint;
    const read = requestReader(endpoint, dependencies.settings);
    const isVersioned = comparesVersions(endpoint);
    // The types of the handler come from the schemas that parse its input.
    const run = (input: object) => handle(input as never, dependencies.services);

    async function handlePublic(req: Request, res: ExpressResponse): Promise<void> {
      const { list, rawBody: _, ...input } = await read(req, res);
      const value = await run({ ...input, page: list?.page, server: dependencies.server });
      sendAnswer(req, res, { answer, value, list, basePath });
    }

    async function handleAuthenticated(
      req: Request,
      res: ExpressResponse,
      required: Permission,
    ): Promise<void> {
      const actor = await authenticate(req, res);
      authorize(actor, required);
      limit(req, res, actor.id);
      const { list, rawBody, params, query, body } = await read(req, res);
      const call = new RequestCall(req, res, {
        actor,
        body: rawBody,
        stopping: dependencies.shutdownSignal,
        comparesVersions: isVersioned,
      });
      const readPage = (page: PageInput<string> | undefined) => run({ params, query, body, page, call });
      const value = await readPage(list?.page);
      // Of several pages, the positions of the first: events that are read from there on miss nothing of the others.
      sendOutcome(res, call.outcome);
      // The types of `endpoint` make the handler of a stream return its parts, and that of a list a page.
      if (answer.kind === 'stream') await sendStream(req, res, answer, value as AsyncIterable<string>);
      else if (answer.kind === 'page' && list?.wholeLimit !== undefined) {
        const read = async (page: PageInput<string>) => (await readPage(page)) as Page<unknown>;
        await sendWholeList(req, res, answer, value as Page<unknown>, list, list.wholeLimit, read);
      } else sendAnswer(req, res, { answer, value, list, basePath });
    }

    return async (req: Request, res: ExpressResponse): Promise<void> => {
      res.locals.context.route = path;
      await (permission === 'public' ? handlePublic(req, res) : handleAuthenticated(req, res, permission));
      dependencies.log(res);
    };
  }

  for (const [path, endpointsOfPath] of groupByPath(endpoints)) {
    const here = app.route(path);
    for (const endpoint of endpointsOfPath) here[verbs[endpoint.method]](route(endpoint));
  }
  app.use(fallbackHandler(endpoints, authenticate));
}

const verbs = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
} as const satisfies Record<Method, string>;

/**
 * The endpoints of each path, in the order of the routes. Express takes the first route that matches, so a word comes
 * before a parameter at the same place. Throws when two endpoints have the same method and path.
 */
function groupByPath(endpoints: readonly Endpoint[]): [string, Endpoint[]][] {
  const paths = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const here = paths.get(endpoint.path) ?? [];
    if (here.some(({ method }) => method === endpoint.method)) {
      throw new Error(`Two endpoints are ${endpoint.method} ${endpoint.path}.`);
    }
    paths.set(endpoint.path, [...here, endpoint]);
  }
  const order = (path: string) => path.replaceAll(/:[^/]+/g, '\uffff');
  return [...paths].sort(([a], [b]) => (order(a) < order(b) ? -1 : 1));
}

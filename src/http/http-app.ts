import type { RequestListener } from 'node:http';
import express, { type NextFunction, type Request } from 'express';
import type { Endpoint, ServerState } from '../api/endpoint.ts';
import { trustHops } from './boundary/client-address.ts';
import { errorHandler } from './boundary/error-handler.ts';
import { attachRequestContext, type ExpressResponse } from './boundary/request-context.ts';
import { type RequestLogger, requestLog } from './boundary/request-log.ts';
import { securityBoundary } from './boundary/security-boundary.ts';
import { ApiReference } from './reference/api-reference.ts';
import { docsStyleHash } from './reference/docs-style.ts';
import { mountEndpoints, type RouterDependencies } from './router.ts';

/** What the HTTP app needs. */
export interface HttpAppDependencies extends Omit<RouterDependencies, 'server' | 'log'> {
  readonly endpoints: readonly Endpoint[];
  readonly logger: RequestLogger;
  readonly server: Pick<ServerState, 'version' | 'isReady' | 'storeHealth' | 'asyncApi'>;
}

/** Creates the listener that answers HTTP requests with these endpoints. Throws when two have the same method and path. */
export function createHttpApp({ endpoints, logger, server, ...needs }: HttpAppDependencies): RequestListener {
  const { settings } = needs;
  const log = requestLog(logger);
  const handleError = errorHandler(log);
  const reference = new ApiReference(endpoints, server.version, settings);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  app.set('trust proxy', trustHops(settings.trustProxy));
  mountEndpoints(app, endpoints, { ...needs, log, server: { ...server, endpoints, reference } });
  // Express recognizes an error handler by its four parameters.
  app.use((error: unknown, _req: Request, res: ExpressResponse, _next: NextFunction) =>
    handleError(error, res),
  );

  const handle = securityBoundary(settings, [docsStyleHash], app);
  return (req, res) => {
    const response = attachRequestContext(req, res);
    // The CORS middleware answers a preflight itself; everything else is logged when it is answered.
    if (req.method === 'OPTIONS') res.once('close', () => log(response));
    try {
      handle(req, response);
    } catch (error) {
      handleError(error, response);
    }
  };
}

import express, { type Express } from 'express';
import { boundary } from './boundary.ts';
import type { Endpoint } from './endpoint.ts';
import { handleError } from './error-handler.ts';
import { type RequestLogger, requestLog } from './request-log.ts';
import { type Engine, mountEndpoints } from './router.ts';

/** What the HTTP side is made from. */
export interface HttpAppNeeds extends Omit<Engine, 'server'> {
  readonly endpoints: readonly Endpoint[];
  readonly logger: RequestLogger;
  readonly server: Omit<Engine['server'], 'endpoints'>;
}

/** Makes the listener that answers HTTP requests by these endpoints. Throws for two endpoints of one method and path. */
export function createHttpApp({ endpoints, logger, ...needs }: HttpAppNeeds): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  app.set('trust proxy', needs.settings.trustProxy);
  app.use(boundary(needs.settings, [], requestLog(logger)));
  mountEndpoints(app, endpoints, { ...needs, server: { ...needs.server, endpoints } });
  app.use(handleError);
  return app;
}

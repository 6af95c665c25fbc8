import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';

const exposedHeaders = [
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Event-Position',
  'X-Has-More',
  'X-Next-Cursor',
  'X-Request-Id',
  'X-Skills-Skipped',
  'X-Total-Count',
];

const allowedHeaders = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'X-Request-Id',
  'X-Requested-With',
];

/**
 * Creates the middleware that lets pages of exactly these origins use the server, and answers their preflights. Requests
 * of other origins pass without a header, so that the browser withholds the answer from the page.
 */
export function corsMiddleware(
  origins: readonly string[],
  credentials: boolean,
): (req: IncomingMessage, res: ServerResponse, next: () => void) => void {
  const allowed = new Set(origins);
  const addHeaders = cors({
    origin: [...origins],
    credentials,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    maxAge: 600,
  });
  return (req, res, next) => {
    if (req.headers.origin !== undefined && allowed.has(req.headers.origin)) addHeaders(req, res, next);
    else next();
  };
}

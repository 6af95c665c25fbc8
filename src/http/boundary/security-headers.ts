import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** What the security headers depend on. */
export interface SecurityHeaderOptions {
  readonly https: boolean;
  /** Whether answers differ by origin, so that no cache may mix them up. */
  readonly variesByOrigin: boolean;
  /** The allowed sources of styles for the pages of this server, as in `'sha256-…'`. */
  readonly styleSources: readonly string[];
}

/**
 * The headers of every answer: those of helmet, without the ones that would force TLS on a server without it. They never
 * change, so helmet runs once instead of for every request.
 */
export function securityHeaders({
  https,
  variesByOrigin,
  styleSources,
}: SecurityHeaderOptions): ReadonlyMap<string, string> {
  const protect = helmet({
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: styleSources.length === 0 ? ["'none'"] : [...styleSources],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  protect(request, response, () => {});
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.getHeaders())) headers.set(name, String(value));
  headers.set('Cache-Control', 'private, no-cache');
  if (variesByOrigin) headers.set('Vary', 'Origin');
  return headers;
}

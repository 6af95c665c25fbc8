import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plain,
} from 'node:http';
import { request as secure } from 'node:https';

/** The server that a proxy passes requests to, and the token for them. */
export interface Upstream {
  readonly url: URL;
  /** Called for each request, so that a replaced token takes effect at once. Throws AppError. */
  readonly token: () => Promise<string>;
}

/** Headers of one connection rather than of the message. */
const hopByHopHeaders = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade expect'.split(
    ' ',
  ),
);

/** Headers about the page or the proxies of the client, which the proxy has checked itself, and credentials. */
const clientHeaderPattern =
  /^(?:host|authorization|cookie|origin|referer|forwarded|x-forwarded-.*|sec-fetch-.*)$/;

/** The headers of a request, by their names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The headers of a request for the server: with the token, and without those that concern only the client and the proxy. */
export function forwardedRequestHeaders(
  headers: IncomingHttpHeaders,
  { host }: URL,
  token: string,
): RequestHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const kept = Object.entries(headers).filter(
    ([name]) => !hopByHopHeaders.has(name) && !clientHeaderPattern.test(name) && !named.includes(name),
  );
  return { ...Object.fromEntries(kept), host, authorization: `Bearer ${token}` };
}

/** The headers of an answer for the client, without those of CORS, which the proxy sets itself. */
export function forwardedResponseHeaders({ headers }: IncomingMessage): [string, string | string[]][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ||
    hopByHopHeaders.has(name) ||
    name === 'transfer-encoding' ||
    /^access-control-/.test(name)
      ? []
      : [[name, value] as [string, string | string[]]],
  );
}

/** Starts a request to the server on a new connection: one that was kept open might be closed by now. */
export function requestUpstream(
  { url }: Upstream,
  method: string,
  path: string,
  headers: RequestHeaders,
): ClientRequest {
  const startRequest = url.protocol === 'https:' ? secure : plain;
  return startRequest(new URL(url.origin), {
    method,
    path: url.pathname.replace(/\/$/, '') + path,
    headers,
    agent: false,
  });
}

/** The path and query of a request, also when its target is a complete URL. */
export function requestPath({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

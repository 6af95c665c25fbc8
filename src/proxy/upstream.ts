import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plain,
} from 'node:http';
import { request as secure } from 'node:https';

/** The server behind a relay, and the credential that requests to it get. */
export interface Upstream {
  readonly url: URL;
  /** Asked for each request, so that a token that was replaced counts at once. Throws AppError. */
  readonly token: () => Promise<string>;
}

/** What belongs to one connection and not to what is sent on it. */
const hopByHopHeaders = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade expect'.split(
    ' ',
  ),
);

/** What tells of the page or the proxies behind a request, which the relay has judged itself, or is a credential. */
const clientHeaderPattern =
  /^(?:host|authorization|cookie|origin|referer|forwarded|x-forwarded-.*|sec-fetch-.*)$/;

/** The headers of a request, by their names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The headers of a request as the server is to see them: with the token, and without what is the client's alone. */
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

/** The headers of an answer as the client is to see them: what pages may read of it, the relay says itself. */
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

/** Begins a request to the server, on a connection of its own: one that was left open might be closed by now. */
export function requestUpstream(
  { url }: Upstream,
  method: string,
  path: string,
  headers: RequestHeaders,
): ClientRequest {
  const begin = url.protocol === 'https:' ? secure : plain;
  return begin(new URL(url.origin), {
    method,
    path: url.pathname.replace(/\/$/, '') + path,
    headers,
    agent: false,
  });
}

/** The path and query of a request, also of one that spells the whole URL. */
export function requestPath({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

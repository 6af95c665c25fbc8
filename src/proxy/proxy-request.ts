import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { isJoinable, joinPages } from './join-pages.ts';
import {
  forwardedRequestHeaders,
  forwardedResponseHeaders,
  type RequestHeaders,
  requestPath,
  requestUpstream,
  type Upstream,
} from './upstream.ts';

/** Headers of one page, which a joined list does not have. */
const pageHeaders = new Set(['content-length', 'link', 'x-has-more', 'x-next-cursor']);

/**
 * Passes a request on with the token, and its answer back; all pages are joined to one array when a list was requested as
 * a whole. Throws AppError when no server answers; an error after that aborts the answer.
 */
export async function proxyRequest(
  req: IncomingMessage,
  res: ServerResponse,
  upstream: Upstream,
): Promise<void> {
  const path = requestPath(req);
  const headers = forwardedRequestHeaders(req.headers, upstream.url, await upstream.token());
  // The client may have disconnected while the token was read.
  if (res.destroyed) return;
  const disconnected = new AbortController();
  res.once('close', () => disconnected.abort());
  const outgoing = requestUpstream(upstream, req.method ?? 'GET', path, headers);
  disconnected.signal.addEventListener('abort', () => outgoing.destroy());
  req.pipe(outgoing);
  const answer = await responseTo(outgoing, upstream);
  const isJoined = req.method === 'GET' && isJoinable(path, answer);
  res.statusCode = answer.statusCode ?? 502;
  for (const [name, value] of forwardedResponseHeaders(answer)) {
    if (isJoined && pageHeaders.has(name)) continue;
    if (name === 'vary') res.appendHeader(name, value);
    else res.setHeader(name, name === 'location' ? withoutBasePath(String(value), upstream.url) : value);
  }
  const get = (next: string) => fetchPage(upstream, next, pageRequestHeaders(headers), disconnected.signal);
  // `pipeline` has destroyed both sides by then.
  await pipeline(isJoined ? joinPages(path, answer, get) : answer, res).catch(() => {});
}

/** The path of a created entity as clients of the proxy reach it: without the path of the server behind it. */
function withoutBasePath(location: string, { pathname }: URL): string {
  const basePath = pathname.replace(/\/$/, '');
  return location.startsWith(`${basePath}/`) ? location.slice(basePath.length) : location;
}

/** The headers of a request for another page, which has neither a body nor a condition. */
function pageRequestHeaders(headers: RequestHeaders): RequestHeaders {
  const { 'content-length': _, 'transfer-encoding': __, 'if-none-match': ___, ...rest } = headers;
  return rest;
}

/** Requests another page; after 429 again, when `Retry-After` allows it. */
async function fetchPage(
  upstream: Upstream,
  path: string,
  headers: RequestHeaders,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  for (;;) {
    const outgoing = requestUpstream(upstream, 'GET', path, headers);
    const abort = () => void outgoing.destroy();
    signal.addEventListener('abort', abort);
    outgoing.once('close', () => signal.removeEventListener('abort', abort));
    outgoing.end();
    const answer = await responseTo(outgoing, upstream);
    if (answer.statusCode !== 429) return answer;
    answer.resume();
    await setTimeout(Number(answer.headers['retry-after'] ?? 1) * 1000, undefined, { signal });
  }
}

/** The answer to a request. Throws AppError when no server answers. */
async function responseTo(
  outgoing: ReturnType<typeof requestUpstream>,
  { url }: Upstream,
): Promise<IncomingMessage> {
  try {
    const [answer] = await once(outgoing, 'response');
    // Errors after the answer are handled where it is read.
    outgoing.on('error', () => {});
    return answer;
  } catch (error) {
    throw new AppError('NOT_READY', `No server answers at ${url.origin}.`, undefined, error);
  }
}

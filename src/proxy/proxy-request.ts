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

/** What tells of one page, and of none when all are joined. */
const pageHeaders = new Set(['content-length', 'link', 'x-has-more', 'x-next-cursor']);

/**
 * Passes a request on with the token and its answer back, joined to one array when it is the first page of a list that
 * was asked for as a whole. Throws AppError when nothing answers; what breaks off later breaks the answer off.
 */
export async function proxyRequest(
  req: IncomingMessage,
  res: ServerResponse,
  upstream: Upstream,
): Promise<void> {
  const path = requestPath(req);
  const headers = forwardedRequestHeaders(req.headers, upstream.url, await upstream.token());
  // Whoever asked may have gone away while the token was read.
  if (res.destroyed) return;
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const outgoing = requestUpstream(upstream, req.method ?? 'GET', path, headers);
  gone.signal.addEventListener('abort', () => outgoing.destroy());
  req.pipe(outgoing);
  const answer = await responseTo(outgoing, upstream);
  const isJoined = req.method === 'GET' && isJoinable(path, answer);
  res.statusCode = answer.statusCode ?? 502;
  for (const [name, value] of forwardedResponseHeaders(answer)) {
    if (isJoined && pageHeaders.has(name)) continue;
    if (name === 'vary') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  const get = (next: string) => fetchPage(upstream, next, pageRequestHeaders(headers), gone.signal);
  // Whatever breaks off on one side has broken off the other by then.
  await pipeline(isJoined ? joinPages(path, answer, get) : answer, res).catch(() => {});
}

/** The headers of a request for one more page: it has no body, and is not asked for on a condition. */
function pageRequestHeaders(headers: RequestHeaders): RequestHeaders {
  const { 'content-length': _, 'transfer-encoding': __, 'if-none-match': ___, ...rest } = headers;
  return rest;
}

/** One more page; one that comes too soon is asked for again when the server says so. */
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

/** The answer to a request. Throws AppError when there is none. */
async function responseTo(
  outgoing: ReturnType<typeof requestUpstream>,
  { url }: Upstream,
): Promise<IncomingMessage> {
  try {
    const [answer] = await once(outgoing, 'response');
    // What breaks off behind the answer is the concern of whoever reads that.
    outgoing.on('error', () => {});
    return answer;
  } catch (error) {
    throw new AppError('NOT_READY', `No server answers at ${url.origin}.`, undefined, error);
  }
}

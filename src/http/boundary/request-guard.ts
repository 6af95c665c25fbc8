import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../domain/errors.ts';
import { hostGuard, type RequestHost } from './host-guard.ts';
import { originGuard } from './origin-guard.ts';

/** Checks that requests were sent to this server, and not by pages of other origins. */
export interface RequestGuard {
  /** Throws MISDIRECTED_REQUEST when the request was sent to another host, and BAD_REQUEST when it names none. */
  readonly assertHost: (request: RequestHost) => void;
  /** Throws ORIGIN_NOT_ALLOWED when a page of another origin sent it; for what changes something, and for sockets. */
  readonly assertOrigin: (headers: IncomingHttpHeaders) => void;
}

/** What a guard allows besides loopback names and the server's own pages, and its messages for all else. */
export interface RequestGuardOptions {
  readonly hosts: Iterable<string>;
  readonly origins: Iterable<string>;
  readonly hostMessage: string;
  readonly originMessage: string;
}

/** Creates the guard of a server. */
export function requestGuard(options: RequestGuardOptions): RequestGuard {
  const isExpectedHost = hostGuard(options.hosts);
  const isAllowedOrigin = originGuard(options.origins);
  return {
    assertHost(request) {
      if (request.headers.host === undefined)
        throw new AppError('BAD_REQUEST', 'The request has no Host header, which every request needs.');
      if (!isExpectedHost(request)) throw new AppError('MISDIRECTED_REQUEST', options.hostMessage);
    },
    assertOrigin(headers) {
      if (!isAllowedOrigin(headers)) throw new AppError('ORIGIN_NOT_ALLOWED', options.originMessage);
    },
  };
}

/** Creates the guard of requests and sockets, by the names of the server and the origins that may use it. */
export function serverGuard({
  hosts,
  origins,
}: Pick<RequestGuardOptions, 'hosts' | 'origins'>): RequestGuard {
  return requestGuard({
    hosts,
    origins,
    hostMessage:
      'This server does not answer for the host of the request; name it in ALLOWED_HOSTS if it should.',
    originMessage: 'Pages of this origin may not use this server; name it in CORS_ORIGINS if they should.',
  });
}

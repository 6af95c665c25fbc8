import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** Decides whether the proxy at an address, so many hops from this server, may report its client. */
type TrustProxy = (address: string, hop: number) => boolean;

/** Trusts the nearest `hops` proxies, 0 for none: the value for the Express setting `trust proxy`. */
export function trustHops(hops: number): TrustProxy {
  return (_address, hop) => hop < hops;
}

/** Creates the function that finds the address a request came from, when `hops` proxies may report it in X-Forwarded-For. */
export function clientAddress(hops: number): (request: IncomingMessage) => string {
  const trust = trustHops(hops);
  // The address of a socket that is closed already is unknown.
  return (request) => proxyAddr(request, trust) ?? '';
}

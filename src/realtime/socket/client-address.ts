import type { IncomingMessage } from 'node:http';

/** Makes what tells whom a request came from, when so many proxies in front may say it in X-Forwarded-For. */
export function clientAddress(proxies: number): (request: IncomingMessage) => string {
  return ({ socket, headers }) => {
    const header = headers['x-forwarded-for'];
    const said =
      proxies === 0 || header === undefined
        ? []
        : String(header)
            .split(',')
            .map((one) => one.trim());
    const chain = [socket.remoteAddress ?? '', ...said.reverse()];
    return chain[Math.min(proxies, chain.length - 1)] ?? '';
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ProxyOptions, ProxyServer } from '../../../src/proxy/proxy-server.ts';

/** Starts a proxy in front of a server on a port of its own; the test's end closes it. */
export async function startProxyServer(
  url: string,
  token: string | (() => Promise<string>),
  options: Partial<ProxyOptions> = {},
): Promise<string> {
  const proxy = new ProxyServer({
    upstream: { url: new URL(url), token: typeof token === 'string' ? async () => token : token },
    allowedOrigins: [],
    isAllowedPeer: () => true,
    ...options,
  });
  onTestFinished(() => proxy.close());
  return proxy.listen('127.0.0.1', 0);
}

/** Starts a server of a test's own making; the test's end closes it. */
export async function startFakeServer(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

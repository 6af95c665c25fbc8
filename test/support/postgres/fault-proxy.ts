import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between clients and a server that moves: it can cut what it carries, hold it up, and be pointed elsewhere. */
export interface FaultProxy {
  readonly url: string;
  /** Carries to this URL from now on, to nowhere without one. */
  setTarget(url: string | undefined): void;
  /** Cuts every connection. */
  disconnectAll(): void;
  /** Hands nothing on to the clients until `flow`. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/** Starts one on a port of its own. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let port: number | undefined;
  let stalled = false;
  const server = createServer((client) => {
    client.on('error', () => {});
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    upstream.on('error', end).on('close', end);
    client.on('close', end);
    client.on('data', (part) => upstream.write(part));
    upstream.on('data', (part) => client.write(part));
    if (stalled) upstream.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const [client] of [...pairs]) client.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTarget(url) {
      port = url === undefined ? undefined : Number(new URL(url).port);
    },
    disconnectAll: cut,
    pause() {
      stalled = true;
      for (const [, upstream] of pairs) upstream.pause();
    },
    resume() {
      stalled = false;
      for (const [, upstream] of pairs) upstream.resume();
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

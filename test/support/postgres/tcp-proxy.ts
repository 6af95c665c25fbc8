import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut. */
export interface TcpProxy {
  readonly port: number;
  /**
   * Looks at what a client sends and answers whether that goes on; otherwise the connection is cut, at once or when the
   * server has said that it committed, which the client never hears.
   */
  onRequest: (chunk: Buffer) => 'pass' | 'cut before' | 'cut after';
  /** Cuts every connection. */
  disconnectAll(): void;
  /** From now on nothing passes through the open connections, and neither side notices; returns the bytes that are lost. */
  dropTraffic(): readonly string[];
  /** Whether the last message that the server sends after an error arrives later than the rest. */
  isErrorTailDelayed: boolean;
  /** Whether nothing comes through new connections either. */
  dropsNewConnectionTraffic: boolean;
  /** Cuts every connection and takes no other. */
  close(): Promise<void>;
  /** Takes connections again, on the same port; from now on to another server when one is given. */
  open(target?: number): Promise<void>;
}

/** What the server says when it takes the next statement. */
const readyForQueryLength = 6;

/** Opens a way to the server on this port of this machine. */
export async function startTcpProxy(server: number): Promise<TcpProxy> {
  let target = server;
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  const saidInVain: string[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const listener = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    keep(client);
    keep(upstream);
    if (proxy.dropsNewConnectionTraffic) {
      silent.add(client);
      silent.add(upstream);
    }
    let unheard: string | undefined;
    upstream.on('data', (chunk) => {
      if (silent.has(upstream)) return;
      if (unheard === undefined) {
        // The client is to hear the two parts apart.
        const late = proxy.isErrorTailDelayed && chunk.includes('SERROR\0') ? readyForQueryLength : 0;
        client.write(chunk.subarray(0, chunk.length - late));
        if (late > 0) setTimeout(() => client.write(chunk.subarray(-late)), 50);
        return;
      }
      unheard += chunk;
      // What was sent with the commit is answered before it.
      if (unheard.includes('COMMIT\0')) client.destroy();
    });
    client.on('data', (chunk) => {
      if (silent.has(client)) {
        saidInVain.push(String(chunk));
        return;
      }
      const verdict = proxy.onRequest(chunk);
      if (verdict === 'cut before') {
        client.destroy();
        upstream.destroy();
        return;
      }
      if (verdict === 'cut after') unheard ??= '';
      upstream.write(chunk);
    });
    client.on('close', () => silent.has(client) || upstream.destroy());
    upstream.on('close', () => silent.has(client) || client.destroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: TcpProxy = {
    port,
    onRequest: () => 'pass',
    isErrorTailDelayed: false,
    dropsNewConnectionTraffic: false,
    disconnectAll() {
      for (const socket of sockets) socket.destroy();
    },
    dropTraffic() {
      for (const socket of sockets) silent.add(socket);
      return saidInVain;
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      proxy.disconnectAll();
      await closed;
    },
    open(to = target) {
      target = to;
      return listen(port);
    },
  };
  return proxy;
}

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
  cut(): void;
  /** Cuts every connection and takes no other. */
  close(): Promise<void>;
  /** Takes connections again, on the same port; from now on to another server when one is given. */
  open(target?: number): Promise<void>;
}

/** Opens a way to the server on this port of this machine. */
export async function startProxy(server: number): Promise<TcpProxy> {
  let target = server;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const listener = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    keep(client);
    keep(upstream);
    let unheard: string | undefined;
    upstream.on('data', (chunk) => {
      if (unheard === undefined) {
        client.write(chunk);
        return;
      }
      unheard += chunk;
      // What was sent with the commit is answered before it.
      if (unheard.includes('COMMIT\0')) client.destroy();
    });
    client.on('data', (chunk) => {
      const verdict = proxy.onRequest(chunk);
      if (verdict === 'cut before') {
        client.destroy();
        upstream.destroy();
        return;
      }
      if (verdict === 'cut after') unheard ??= '';
      upstream.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: TcpProxy = {
    port,
    onRequest: () => 'pass',
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      proxy.cut();
      await closed;
    },
    open(to = target) {
      target = to;
      return listen(port);
    },
  };
  return proxy;
}

import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenFault } from './listen-error.ts';

/** Listens there for a moment. Throws StartError with what to do when that cannot be done. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw listenFault(error, host, port);
  }
  server.close();
  await once(server, 'close');
}

import { once } from 'node:events';
import { createServer } from 'node:net';
import { toListenError } from './listen-error.ts';

/** Checks that the port is free by listening on it for a moment. Throws StartError that says what to do. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw toListenError(error, host, port);
  }
  server.close();
  await once(server, 'close');
}

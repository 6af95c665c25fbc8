import { setTimeout as wait } from 'node:timers/promises';
import { closeCodes } from '../protocol/close-codes.ts';
import type { Connection } from './connection.ts';

/** The least time that a restart of the server takes. */
const minReconnectMs = 500;
/** How long the last clients have to answer the close. */
const lingerMs = 1000;

/** Closes the connections one after the other over so many milliseconds, then destroys those that did not answer. */
export async function drain(connections: readonly Connection[], windowMs: number): Promise<void> {
  const step = windowMs / Math.max(1, connections.length);
  for (const connection of connections) {
    const reconnectAfterMs = Math.round(minReconnectMs + windowMs * (1 + Math.random()));
    connection.end(closeCodes.draining, 'The server is stopping.', reconnectAfterMs);
    await wait(step);
  }
  const until = performance.now() + lingerMs;
  while (connections.some(({ isClosed }) => !isClosed) && performance.now() < until) await wait(10);
  for (const connection of connections) connection.destroy();
}

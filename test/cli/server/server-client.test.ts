import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { ServerClient } from '../../../src/cli/server/server-client.ts';

/** Starts a server that accepts connections and says nothing; returns its URL. */
async function startSilentServer(): Promise<string> {
  const server = createServer((socket) => void socket.resume().on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
}

it('[PR9] gives up on a server that accepts connections and does not answer, with a sentence', async () => {
  const url = await startSilentServer();
  const client = new ServerClient(url, undefined, 20);
  const sentence = `${url} accepts connections and does not answer: given up after 0 seconds.`;
  await expect(client.request('GET /health')).rejects.toThrow(sentence);
  await expect(client.each('GET /api/projects').next()).rejects.toThrow(sentence);
});

it('[PR9] says so at once where nothing listens', async () => {
  const url = await startSilentServer();
  const client = new ServerClient(url.replace(/[0-9]+$/, '1'), undefined);
  await expect(client.request('GET /health')).rejects.toThrow(/^No server answers at /);
});

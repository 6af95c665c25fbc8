import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../../src/api/answer.ts';
import { endpoint } from '../../../src/api/endpoint.ts';
import { type ServedEndpoints, serveEndpoints } from '../../support/servers/serve-endpoints.ts';
import { createGate } from '../../support/time/gate.ts';

let waiting = createGate();
let ended = createGate();

const endpoints = [
  endpoint({
    method: 'POST',
    path: '/wait',
    summary: 'Waits until nobody does.',
    permission: 'queue:work',
    answer: json(z.string()),
    handle: async ({ call }) => {
      await new Promise((resolve) => {
        if (call.signal?.aborted) resolve(undefined);
        call.signal?.addEventListener('abort', resolve, { once: true });
        waiting.open();
      });
      ended.open();
      return 'nothing came';
    },
  }),
];

describe('the signal of a call', () => {
  let served: ServedEndpoints;
  beforeEach(async () => {
    waiting = createGate();
    ended = createGate();
    served = await serveEndpoints(endpoints);
  });
  afterEach(() => served.stop());

  const wait = (signal?: AbortSignal) =>
    fetch(`${served.url}/wait`, {
      method: 'POST',
      headers: { authorization: 'Bearer admin' },
      ...(signal === undefined ? {} : { signal }),
    });

  it('[HT71] ends when the client goes away', async () => {
    const client = new AbortController();
    const sent = wait(client.signal).catch(() => 'gone');
    await waiting.opened;
    client.abort();
    await ended.opened;
    expect(await sent).toBe('gone');
  });

  it('[HT71] ends when the server stops, and what waited is answered still', async () => {
    const sent = wait();
    await waiting.opened;
    served.stopping.abort();
    expect(await (await sent).json()).toBe('nothing came');
    expect(await (await wait()).json()).toBe('nothing came');
  });
});

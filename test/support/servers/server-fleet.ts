import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../postgres/fault-proxy.ts';
import { type BuiltServer, createServerHome, type ServerReply, startBuiltServer } from './built-server.ts';

/** Server processes on one database, each behind a URL that stays when its process does not. */
export interface ServerFleet {
  readonly urls: readonly string[];
  /** A token of an admin, which every process honours. */
  readonly token: string;
  /** Sends a request to one of them until it is answered by other than a fault, always under the same key. */
  send(to: number, method: string, path: string, body?: unknown): Promise<ServerReply>;
  /** Kills one where it stands and starts it anew. */
  kill(which: number): Promise<void>;
}

interface FleetMember {
  readonly home: string;
  readonly proxy: FaultProxy;
  server: BuiltServer;
}

/** Starts so many processes on the database; they end with the test. */
export async function startServerFleet(count: number, databaseUrl: string): Promise<ServerFleet> {
  const env = {
    DATABASE_TYPE: 'postgres',
    DATABASE_URL: databaseUrl,
    AUTH_SECRET: 'one secret for all of the servers',
    RATE_LIMIT_READS: '0',
    RATE_LIMIT_WRITES: '0',
    SOCKETS_PER_SUBJECT: '1000',
  };
  const start = async (): Promise<FleetMember> => {
    const home = await createServerHome();
    onTestFinished(() => home.remove());
    const server = await startBuiltServer(home.path, env);
    const proxy = await startFaultProxy();
    onTestFinished(() => proxy.close());
    proxy.setTarget(server.url);
    const place = { home: home.path, proxy, server };
    onTestFinished(() => place.server.kill());
    return place;
  };
  const first = await start();
  const places = [first, ...(await Promise.all(Array.from({ length: count - 1 }, start)))];
  const { token } = first.server;
  const placeOf = (n: number) => places[n % count] ?? first;
  return {
    urls: places.map((place) => place.proxy.url),
    token,
    async send(to, method, path, body) {
      const init = {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      for (let attempt = 0; ; attempt++) {
        const answer = await fetch(placeOf(to + attempt).proxy.url + path, init)
          .then(async (response) => ({ status: response.status, body: await response.json() }))
          .catch(() => undefined);
        if (answer !== undefined && answer.status < 500) return answer;
        await sleep(50);
      }
    },
    async kill(which) {
      const place = placeOf(which);
      place.proxy.setTarget(undefined);
      await place.server.kill();
      place.server = await startBuiltServer(place.home, env);
      place.proxy.setTarget(place.server.url);
    },
  };
}

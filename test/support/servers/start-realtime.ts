import type { WebSocket } from 'ws';
import type { Authenticator } from '../../../src/application/access/authenticator.ts';
import { TicketService } from '../../../src/application/access/ticket-service.ts';
import type { Reader, Store } from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';
import { clientAddress } from '../../../src/http/boundary/client-address.ts';
import { writeRawErrorResponse } from '../../../src/http/boundary/error-response.ts';
import { serverGuard } from '../../../src/http/boundary/request-guard.ts';
import { asyncApi } from '../../../src/realtime/protocol/asyncapi.ts';
import { defaultSocketLimits, type SocketLimits } from '../../../src/realtime/socket/socket-limits.ts';
import { WebSocketBridge } from '../../../src/realtime/websocket-bridge.ts';
import { WebSocketServer } from '../../../src/realtime/websocket-server.ts';
import type { MemoryStoreOptions } from '../../storage/model/memory-store.ts';
import { openServices } from '../services/service-harness.ts';
import { type HttpHarness, startHttp } from './start-http.ts';
import { openTestSocket, type TestSocket, type TestSocketOptions } from './test-socket.ts';

/** The whole server but its files: REST and sockets over the model of a store. */
export interface RealtimeHarness extends HttpHarness {
  readonly bridge: WebSocketBridge;
  /** Every line that sockets have logged. */
  readonly logged: string[];
  /** Moves the clock of the sockets on, and lets them do what is due. */
  tick(milliseconds?: number): void;
  setReady(ready: boolean): void;
  /** Cuts every socket at the server's end, without a word. */
  terminateAll(): void;
  /** Closes every socket from the server's end. */
  closeAll(code: number): void;
  /** Opens a socket; the test or `stop` closes it. */
  openSocket(options?: TestSocketOptions): Promise<TestSocket>;
}

/** What a test changes about the server. */
export interface RealtimeOptions {
  readonly limits?: Partial<SocketLimits>;
  readonly origins?: readonly string[];
  /** How the store is made. */
  readonly store?: MemoryStoreOptions;
  /** Hears of every read of a log by the sockets. */
  readonly onLogRead?: (stream: Stream, after: number) => void;
  /** Stands between the sockets and who knows tokens. */
  readonly authenticator?: (real: Authenticator) => Authenticator;
}

/** Starts it on a port of its own, with a clock that the test moves; the test stops it. */
export async function startRealtime(options: RealtimeOptions = {}): Promise<RealtimeHarness> {
  const limits = { ...defaultSocketLimits, ...options.limits };
  const logged: string[] = [];
  const write = (details: object, message: string) => {
    const { err } = details as { err?: unknown };
    logged.push(JSON.stringify({ ...details, err: String(err), message }));
  };
  const log = { info: write, error: write };
  const sockets: TestSocket[] = [];
  const serverSockets = new Set<WebSocket>();
  class WatchedBridge extends WebSocketBridge {
    override accept(...[ws, ...rest]: Parameters<WebSocketBridge['accept']>): void {
      serverSockets.add(ws.on('close', () => serverSockets.delete(ws)));
      super.accept(ws, ...rest);
    }
  }
  let offset = 0;
  let ready = true;
  let bridge: WebSocketBridge | undefined;
  const now = () => Date.now() + offset;
  const http = await startHttp(
    undefined,
    ({ store: stored, open, bus, authenticator: real }) => {
      const store = observeReads(stored, options.onLogRead);
      const authenticator = options.authenticator?.(real) ?? real;
      const tickets = new TicketService(stored, now);
      bridge = new WatchedBridge({ store, open, bus, authenticator, log, limits, now });
      const server = new WebSocketServer({
        ...{ bridge, authenticator, tickets, store, limits, log, now },
        ...serverGuard({ hosts: [], origins: options.origins ?? [] }),
        addressOf: clientAddress(0),
        rejectUpgrade: writeRawErrorResponse,
        isReady: () => ready,
      });
      return {
        services: { sockets: bridge, tickets },
        asyncApi: () => JSON.stringify(asyncApi('0.0.0')),
        onUpgrade: server.upgrade,
      };
    },
    openServices(options.store),
  );
  if (bridge === undefined) throw new Error('The sockets were not built.');
  const open = bridge;
  const socketUrl = http.url.replace('http', 'ws');
  return {
    ...http,
    bridge: open,
    logged,
    tick(milliseconds = 1000) {
      offset += milliseconds;
      open.tick();
    },
    setReady(value) {
      ready = value;
    },
    terminateAll() {
      for (const ws of serverSockets) ws.terminate();
    },
    closeAll(code) {
      for (const ws of serverSockets) ws.close(code);
    },
    async openSocket(socketOptions) {
      const socket = await openTestSocket(socketUrl, socketOptions);
      sockets.push(socket);
      return socket;
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      await open.drain(0);
      await http.stop();
    },
  };
}

/** The store, telling of every read of a log. */
function observeReads(store: Store, onRead: RealtimeOptions['onLogRead']): Pick<Store, 'read'> {
  if (onRead === undefined) return store;
  return {
    read: (work) =>
      store.read((reader) =>
        work(
          Object.create(reader, {
            events: {
              value: {
                head: (stream) => reader.events.head(stream),
                read(stream, after, limit) {
                  onRead(stream, after);
                  return reader.events.read(stream, after, limit);
                },
              } satisfies Reader['events'],
            },
          }) as Reader,
        ),
      ),
  };
}

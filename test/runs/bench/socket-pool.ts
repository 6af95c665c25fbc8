import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';

/** Which server the sockets are at. */
export type ServerKind = 'bridge' | 'bare' | 'rooms';

/** A server in a process of its own, with many sockets at it. */
export class SocketPool {
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #serverKind: ServerKind;
  readonly sockets: WebSocket[] = [];
  #waiting: { count: number; resolve: () => void } | undefined;
  received = 0;

  constructor(child: ChildProcess, port: number, side: ServerKind) {
    this.#child = child;
    this.#port = port;
    this.#serverKind = side;
  }

  static async start(side: ServerKind): Promise<SocketPool> {
    const script = join(import.meta.dirname, 'fan-out-server.mjs');
    const child = fork(script, [side], { execArgv: ['--expose-gc', '--max-semi-space-size=1'] });
    const [{ port }] = await once(child, 'message');
    return new SocketPool(child, port, side);
  }

  /** Opens sockets that follow these channels; `hear` gets every event. */
  async openSockets(
    count: number,
    channels: readonly string[],
    hear?: (text: string) => void,
  ): Promise<WebSocket[]> {
    const opened = [];
    for (let i = 0; i < count; i++) opened.push(await this.#open(channels, hear));
    this.sockets.push(...opened);
    return opened;
  }

  /** Has the server do something and gives back what it says of it. */
  async request(op: string, rest: object = {}): Promise<Record<string, number>> {
    this.#child.send({ op, ...rest });
    for (;;) {
      const [answer] = await once(this.#child, 'message');
      if (answer.op === op) return answer;
    }
  }

  /** Microseconds that the server works until every one of `deliveries` events has arrived. */
  async measureCpu(count: number, deliveries: number): Promise<number> {
    const before = (await this.request('cpu')).cpu ?? 0;
    const arrived = this.waitForDeliveries(deliveries);
    await this.request('publish', { count });
    await arrived;
    return ((await this.request('cpu')).cpu ?? 0) - before;
  }

  /** Resolves when so many more events have arrived. */
  waitForDeliveries(deliveries: number): Promise<void> {
    this.received = 0;
    return new Promise((resolve) => {
      this.#waiting = { count: deliveries, resolve };
    });
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate();
    this.#child.disconnect();
  }

  async #open(channels: readonly string[], hear: ((text: string) => void) | undefined): Promise<WebSocket> {
    const path = this.#serverKind === 'rooms' ? '/socket.io/?EIO=4&transport=websocket' : '/ws';
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}${path}`, { perMessageDeflate: false });
    let left = channels.length;
    let ready = () => {};
    const joined = new Promise<void>((resolve) => {
      ready = resolve;
    });
    socket.on('message', (data: Buffer) => {
      const start = data.toString('latin1', 0, 20);
      if (start.startsWith('{"type":"task:') || start.startsWith('42[')) {
        this.#count();
        hear?.(data.toString());
      } else if (start.startsWith('{"type":"welcome"')) {
        if (left === 0) ready();
        else socket.send(JSON.stringify({ type: 'subscribe', channels }));
      } else if (start.startsWith('{"type":"subscribed"')) {
        left -= 1;
        if (left === 0) ready();
      } else if (start.startsWith('40')) ready();
      else if (start.startsWith('0')) socket.send('40');
      else if (start.startsWith('2')) socket.send('3');
    });
    await once(socket, 'open');
    if (this.#serverKind === 'bare') ready();
    await joined;
    return socket;
  }

  #count(): void {
    this.received += 1;
    if (this.received === this.#waiting?.count) this.#waiting.resolve();
  }
}

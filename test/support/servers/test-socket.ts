import type { IncomingMessage } from 'node:http';
import WebSocket, { type ClientOptions } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every type
export type AnyFrame = Record<string, any>;

/** How a test connects. */
export interface TestSocketOptions {
  readonly token?: string | undefined;
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Record<string, string>;
  readonly client?: ClientOptions;
}

/** A handshake that was refused, with what the server answered. */
export class HandshakeRejectedError extends Error {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;

  constructor(response: IncomingMessage, body: string) {
    super(`${response.statusCode}: ${body}`);
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.body = JSON.parse(body);
  }
}

/** An open socket as a test sees it. */
export interface TestSocket {
  readonly ws: WebSocket;
  /** Every frame so far. */
  readonly frames: AnyFrame[];
  /** Those that are events. */
  readonly events: () => AnyFrame[];
  send(frame: unknown): void;
  /** Waits for the first frame, also of those that came already, that is like this. */
  waitForFrame(wanted: (frame: AnyFrame) => boolean): Promise<AnyFrame>;
  /** Sends a command and waits for what answers it. */
  request(command: AnyFrame): Promise<AnyFrame>;
  /** Everything that was sent to it before now has arrived. */
  drain(): Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Ends the socket without a word. */
  terminate(): void;
}

let lastRequestId = 0;

/** Connects. Throws Refused. */
export function openTestSocket(url: string, options: TestSocketOptions = {}): Promise<TestSocket> {
  const { token, path = '/ws', protocols = [], headers, client } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ws = new WebSocket(url + path, [...protocols], {
    ...client,
    headers: { ...authorization, ...headers },
  });
  const frames: AnyFrame[] = [];
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  ws.on('message', (data) => {
    frames.push(JSON.parse(data.toString()));
    for (const look of [...waiting]) look();
  });
  const frame = (wanted: (frame: AnyFrame) => boolean) =>
    new Promise<AnyFrame>((resolve, reject) => {
      let seen = 0;
      const look = () => {
        for (; seen < frames.length; seen++) {
          const found = frames[seen];
          if (found === undefined || !wanted(found)) continue;
          waiting.delete(look);
          resolve(found);
          return;
        }
      };
      waiting.add(look);
      look();
      void closed.then(({ code, reason }) => reject(new Error(`Closed by ${code} ${reason} while waiting.`)));
    });
  const send = (value: unknown) => ws.send(typeof value === 'string' ? value : JSON.stringify(value));
  const ask = (command: AnyFrame) => {
    const id = `ask-${++lastRequestId}`;
    send({ ...command, id });
    return frame((answer) => answer.id === id);
  };
  const socket: TestSocket = {
    ws,
    frames,
    events: () => frames.filter((one) => 'data' in one),
    send,
    waitForFrame: frame,
    request: ask,
    async drain() {
      await ask({ type: 'ping' });
    },
    closed,
    terminate: () => ws.terminate(),
  };
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(socket));
    ws.on('error', reject);
    ws.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => reject(new HandshakeRejectedError(response, body)));
    });
  });
}

import type { Channel } from '../../domain/channel.ts';

/** How one open socket fares. */
export interface SocketStatus {
  readonly connectionId: string;
  readonly subject: string;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  readonly channels: readonly Channel[];
  /** Bytes that wait for the client to take them. */
  readonly waitingBytes: number;
}

/** PORT: tells how the open sockets fare. */
export interface SocketMonitor {
  status(): SocketStatus[];
}

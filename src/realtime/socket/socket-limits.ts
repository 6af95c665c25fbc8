/** The limits of sockets: numbers, sizes and times. */
export interface SocketLimits {
  readonly subscriptions: number;
  readonly connectionsPerSubject: number;
  readonly connections: number;
  readonly commandsPerSecond: number;
  readonly commandBurst: number;
  readonly failuresPerMinute: number;
  /** Errors a connection may make before it is closed. */
  readonly errorsPerSecond: number;
  readonly errorBurst: number;
  readonly frameBytes: number;
  /** Bytes that may wait for a slow client before it is disconnected. */
  readonly outBufferBytes: number;
  /** Milliseconds that bytes may wait while the client reads none of them. */
  readonly stallMs: number;
  /** Events that are read from a log at once. */
  readonly replayPage: number;
  readonly handshakeMs: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** How many milliseconds before its token expires a client is warned. */
  readonly expiryNoticeMs: number;
  /** Milliseconds that draining takes for each connection, up to `drainMs` in all. */
  readonly drainPerConnectionMs: number;
  readonly drainMs: number;
}

/** The limits without configuration. */
export const defaultSocketLimits: SocketLimits = {
  subscriptions: 100,
  connectionsPerSubject: 20,
  connections: 5000,
  commandsPerSecond: 20,
  commandBurst: 60,
  failuresPerMinute: 10,
  errorsPerSecond: 1,
  errorBurst: 60,
  frameBytes: 64 * 1024,
  outBufferBytes: 1024 * 1024,
  stallMs: 10_000,
  replayPage: 1000,
  handshakeMs: 5000,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  expiryNoticeMs: 60_000,
  drainPerConnectionMs: 20,
  drainMs: 20_000,
};

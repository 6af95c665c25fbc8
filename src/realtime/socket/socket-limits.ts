/** How much of everything a connection may have, and how long things may take. */
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
  /** Bytes that may wait for a slow client before it is cut off. */
  readonly outBufferBytes: number;
  /** Milliseconds that bytes may wait without any of them being taken. */
  readonly stallMs: number;
  /** Events that are read of a log at once. */
  readonly replayPage: number;
  readonly handshakeMs: number;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  /** How long before its end a client hears that its token expires. */
  readonly expiryNoticeMs: number;
  /** The drain takes so long for each connection, but not longer than all of it may. */
  readonly drainPerConnectionMs: number;
  readonly drainMs: number;
}

/** The limits where nothing else is configured. */
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

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor } from '../../domain/access/access.ts';
import { type CloseCode, closeCodes } from '../protocol/close-codes.ts';
import { encodeTextFrame } from '../protocol/encode-text-frame.ts';
import type { ServerFrame } from '../protocol/frames.ts';
import type { SocketLimits } from './socket-limits.ts';

/** A replay pauses while more bytes than this wait. */
const highWaterMarkBytes = 256 * 1024;

/** One open socket: its unsent bytes, its pings, and the expiry of its token. */
export class Connection {
  readonly id: string;
  readonly address: string;
  readonly openedAt: number;
  actor: Actor;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: SocketLimits;
  #written = 0;
  /** How many bytes the client had read at the last progress, and when that was. */
  #taken = 0;
  #takenAt: number;
  #pingAt: number;
  #pingedAt: number | undefined;
  #warned = false;
  #backpressure: Promise<void> | undefined;

  /** `socket` is the one that `ws` upgraded; `phase`, from 0 to 1, spreads the first pings over the interval. */
  constructor(
    ws: WebSocket,
    socket: Duplex,
    about: { id: string; address: string; actor: Actor; openedAt: number; phase: number },
    limits: SocketLimits,
  ) {
    this.#ws = ws;
    this.#socket = socket;
    this.#limits = limits;
    this.id = about.id;
    this.address = about.address;
    this.actor = about.actor;
    this.openedAt = about.openedAt;
    this.#takenAt = about.openedAt;
    this.#pingAt = about.openedAt + about.phase * limits.pingIntervalMs;
  }

  /** Takes note of the answer to a ping. */
  notePong(): void {
    this.#pingedAt = undefined;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  get isClosed(): boolean {
    return this.#ws.readyState === this.#ws.CLOSED;
  }

  get readyState(): number {
    return this.#ws.readyState;
  }

  /** Bytes that wait for the client to read them. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Undefined while more can be sent at once, else a promise that resolves when the socket drains or closes. */
  get backpressure(): Promise<void> | undefined {
    if (!this.isOpen || this.#socket.writableLength < highWaterMarkBytes) return undefined;
    this.#backpressure ??= new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        this.#backpressure = undefined;
        resolve();
      };
      this.#socket.on('drain', done).on('close', done);
    });
    return this.#backpressure;
  }

  /** Sends the bytes of a frame, or closes the connection when too many earlier bytes still wait. */
  deliver(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.writableLength > this.#limits.outBufferBytes) {
      this.end(closeCodes.slowConsumer, 'The client reads too slowly.');
      return;
    }
    // Written to the socket directly: ws would create a header for each receiver and write it separately.
    this.#socket.write(frame);
    this.#written += frame.length;
  }

  send(frame: ServerFrame): void {
    this.deliver(encodeTextFrame(JSON.stringify(frame)));
  }

  /** Sends the reason, then closes; frames that are sent later are dropped. */
  end(code: CloseCode, reason: string, reconnectAfterMs?: number): void {
    if (!this.isOpen) return;
    const bye = {
      type: 'bye',
      code,
      reason,
      ...(reconnectAfterMs === undefined ? {} : { reconnectAfterMs }),
    };
    this.#socket.write(encodeTextFrame(JSON.stringify(bye)));
    this.#ws.close(code, reason);
  }

  /** Destroys the socket without a close frame. */
  destroy(): void {
    this.#ws.terminate();
  }

  /** Sends a ping if one is due, and closes the connection when it is dead, stalled or expired. */
  tick(now: number): void {
    if (!this.isOpen) return;
    this.#watchToken(now);
    this.#watchPings(now);
    this.#watchBuffer(now);
  }

  #watchToken(now: number): void {
    const { expiresAt } = this.actor;
    if (expiresAt === undefined) return;
    if (now >= expiresAt) {
      this.end(closeCodes.tokenExpired, 'The token has expired.');
    } else if (now >= expiresAt - this.#limits.expiryNoticeMs && !this.#warned) {
      this.#warned = true;
      this.send({ type: 'token_expiring', expiresAt });
    }
  }

  #watchPings(now: number): void {
    const { pingIntervalMs, pongTimeoutMs } = this.#limits;
    if (this.#pingedAt !== undefined && now - this.#pingedAt >= pongTimeoutMs) {
      this.end(closeCodes.noPong, 'The client does not answer pings.');
    } else if (now >= this.#pingAt && this.isOpen) {
      this.#ws.ping();
      this.#pingedAt ??= now;
      this.#pingAt += pingIntervalMs;
    }
  }

  #watchBuffer(now: number): void {
    const taken = this.#written - this.#socket.writableLength;
    if (taken > this.#taken || this.#socket.writableLength === 0) {
      this.#taken = taken;
      this.#takenAt = now;
    } else if (now - this.#takenAt >= this.#limits.stallMs) {
      this.end(closeCodes.slowConsumer, 'The client reads nothing.');
    }
  }

  /** Replaces the credential with another of the same actor. */
  renewCredential(actor: Actor): void {
    this.actor = actor;
    this.#warned = false;
  }
}

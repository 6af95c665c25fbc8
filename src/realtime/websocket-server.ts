import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer as HandshakeServer } from 'ws';
import type { Authenticator } from '../application/access/authenticator.ts';
import { hasExpired, rejectionReason } from '../application/access/credential-check.ts';
import type { TicketService } from '../application/access/ticket-service.ts';
import type { Store } from '../application/store/store.ts';
import type { Actor } from '../domain/access/access.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import { assertSocketPath, type HandshakeCredential, readHandshake } from './handshake.ts';
import { protocolName } from './protocol/frames.ts';
import type { SocketLimits } from './socket/socket-limits.ts';
import type { SocketLog } from './socket/socket-log.ts';
import type { WebSocketBridge } from './websocket-bridge.ts';

/** What the WebSocket server needs. */
export interface WebSocketServerDependencies {
  readonly bridge: WebSocketBridge;
  readonly authenticator: Authenticator;
  readonly tickets: TicketService;
  readonly store: Pick<Store, 'read'>;
  readonly limits: SocketLimits;
  readonly log: SocketLog;
  readonly now: () => number;
  /** Throws AppError when the request was sent to another host. */
  readonly assertHost: (request: IncomingMessage) => void;
  /** Throws AppError when a page of another origin sent the request. */
  readonly assertOrigin: (headers: IncomingHttpHeaders) => void;
  /** The address of the client that sent the request. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Answers an upgrade request with an error and closes its socket. */
  readonly rejectUpgrade: (socket: Duplex, error: AppError, requestId: string) => void;
  /** Whether handshakes are answered: not while starting or stopping. */
  readonly isReady: () => boolean;
}

/** Accepts or rejects every handshake before the upgrade, and passes accepted sockets to the bridge. */
export class WebSocketServer {
  readonly #dependencies: WebSocketServerDependencies;
  readonly #handshakes: HandshakeServer;

  constructor(needs: WebSocketServerDependencies) {
    this.#dependencies = needs;
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: needs.limits.frameBytes,
      maxFragments: 64,
      maxBufferedChunks: 1024,
      closeTimeout: 5000,
      handleProtocols: (offered: Set<string>) => (offered.has(protocolName) ? protocolName : false),
    } as const;
    this.#handshakes = new HandshakeServer(options);
    this.#handshakes.on('wsClientError', (error, socket, request) => {
      const message = `This is not a WebSocket handshake of version 13: ${error.message}.`;
      this.#reject(socket, new AppError('BAD_REQUEST', message), request, crypto.randomUUID());
    });
  }

  /** Answers an upgrade request to WebSocket. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const requestId = crypto.randomUUID();
    // Without a listener, a reset during the check of the credential would end the process.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    void this.#authorize(request).then(
      ({ actor, channels }) => {
        if (socket.destroyed) return;
        socket.off('error', onError);
        const address = this.#dependencies.addressOf(request);
        this.#handshakes.handleUpgrade(request, socket, head, (ws) => {
          this.#dependencies.bridge.accept(ws, socket, { actor, address, channels });
        });
      },
      (error: unknown) => this.#reject(socket, error, request, requestId),
    );
  };

  async #authorize(request: IncomingMessage): Promise<{ actor: Actor; channels: readonly string[] }> {
    const { bridge, limits, assertHost, assertOrigin, isReady, addressOf } = this.#dependencies;
    assertHost(request);
    assertSocketPath(request);
    if (!isReady() || bridge.isDraining) {
      throw new AppError('NOT_READY', 'The server is starting or stopping.');
    }
    if (bridge.size >= limits.connections) {
      throw new AppError('TRY_AGAIN', 'The server has reached its limit of sockets.');
    }
    assertOrigin(request.headers);
    const { credential, channels } = readHandshake(request);
    const actor = await this.#withTimeout(this.#verify(credential)).catch((error: unknown) => {
      if (credential.kind !== 'none' && error instanceof AppError && error.code === 'UNAUTHORIZED') {
        bridge.countFailure(addressOf(request));
      }
      throw error;
    });
    // Other sockets may have been accepted while the credential was checked.
    if (bridge.isDraining) throw new AppError('NOT_READY', 'The server is stopping.');
    if (
      bridge.countBySubject(actor.id) >= limits.connectionsPerSubject ||
      bridge.size >= limits.connections
    ) {
      throw new AppError('RATE_LIMITED', `A subject has ${limits.connectionsPerSubject} sockets at most.`);
    }
    return { actor, channels };
  }

  async #verify(credential: HandshakeCredential): Promise<Actor> {
    const { authenticator, tickets, store, now } = this.#dependencies;
    const actor =
      credential.kind === 'ticket'
        ? await tickets.redeem(credential.ticket)
        : await authenticator.verify(credential.kind === 'token' ? credential.token : undefined);
    if (actor === undefined)
      throw new AppError('UNAUTHORIZED', 'The ticket is not valid, was used already, or is too old.');
    if (hasExpired(actor, now())) throw new AppError('UNAUTHORIZED', 'The token has expired.');
    const reason =
      credential.kind === 'ticket'
        ? await store.read((reader) => rejectionReason(reader, actor, now()))
        : undefined;
    if (reason !== undefined) throw new AppError('UNAUTHORIZED', reason);
    return actor;
  }

  /** Waits for the work. Throws TRY_AGAIN when it takes longer than a handshake may. */
  async #withTimeout<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new AppError('TRY_AGAIN', 'The handshake took too long.');
      timer = setTimeout(() => reject(error), this.#dependencies.limits.handshakeMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }

  #reject(socket: Duplex, error: unknown, request: IncomingMessage, requestId: string): void {
    const { log, rejectUpgrade, addressOf } = this.#dependencies;
    const appError = toAppError(error);
    if (appError !== error) log.error({ requestId, err: error }, 'A handshake failed.');
    log.info({ requestId, address: addressOf(request), code: appError.code }, 'A handshake was rejected.');
    if (!socket.destroyed) rejectUpgrade(socket, appError, requestId);
  }
}

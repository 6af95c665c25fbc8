import type { Frame } from '../realtime/protocol/frames.ts';
import type { ClientEvent, ClientOptions, ClientState } from './client-options.ts';
import { type ClientSocket, globalWebSocket, openSocket } from './client-socket.ts';
import { FollowedChannels } from './followed-channels.ts';
import { Heartbeat } from './heartbeat.ts';
import { planReconnect } from './reconnect-plan.ts';
import { SubscribeCommands } from './subscribe-commands.ts';

export type { ClientEvent, ClientOptions, ClientState } from './client-options.ts';

const openReadyState = 1;
const retryDelayMs = 1000;

/** Follows channels of a server, through every reconnect, without a gap. Throws where there is no WebSocket. */
export function connect(options: ClientOptions): MaestroClient {
  return new MaestroClient(options);
}

/** A connection that comes back by itself; see connect. */
export class MaestroClient {
  readonly #options: ClientOptions;
  readonly #Socket: NonNullable<ClientOptions['WebSocket']>;
  readonly #followed = new FollowedChannels();
  #socket: ClientSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: ClientState = 'connecting';
  #failures = 0;
  /** The server refused a token, and the next one has not been accepted yet. */
  #hasRejectedToken = false;
  #needsNewToken = false;
  #reconnectAfterMs: number | undefined;
  readonly #commands = new SubscribeCommands(
    (channels) => (this.#state === 'open' ? this.#followed.targets(channels) : []),
    (frame) => this.#send(frame),
  );
  /** Channels whose state the user is reading again. */
  readonly #lostChannels = new Set<string>();
  readonly #heartbeat = new Heartbeat(
    () => this.#send({ type: 'ping' }),
    () => this.#socket?.close(),
  );

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#Socket = options.WebSocket ?? globalWebSocket();
    void this.#connect();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Where the client is in a channel that it follows. */
  position(channel: string): string | undefined {
    return this.#followed.position(channel);
  }

  /** Follows a channel from behind a position, or from the present; one that is followed goes on as it was. */
  follow(channel: string, since?: string): void {
    if (this.#followed.has(channel)) return;
    this.#followed.add(channel, since);
    this.#commands.request([channel]);
  }

  /** Follows the channel no longer. */
  unfollow(channel: string): void {
    this.#followed.remove(channel);
    this.#lostChannels.delete(channel);
    this.#send({ type: 'unsubscribe', channel });
  }

  /** Ends the connection for good. */
  close(): void {
    this.#stop('closed by its user');
    this.#socket?.close(1000);
  }

  async #connect(): Promise<void> {
    this.#setState('connecting');
    try {
      const token = await this.#options.token({ renew: this.#needsNewToken });
      this.#needsNewToken = false;
      const place =
        this.#options.credential ?? (this.#options.WebSocket === undefined ? 'subprotocol' : 'header');
      const { url: given } = this.#options;
      const url = typeof given === 'string' ? given : await given();
      if (this.#state === 'stopped') return;
      const socket = openSocket(this.#Socket, url, token, place);
      this.#socket = socket;
      socket.addEventListener('message', ({ data }) => {
        if (this.#socket === socket && this.#state !== 'stopped')
          this.#handleFrame(JSON.parse(String(data)) as Frame);
      });
      socket.addEventListener('error', () => {});
      socket.addEventListener('close', ({ code }) => {
        if (this.#socket === socket) void this.#handleClose(code, url, token);
      });
    } catch {
      // The token could not be had, or the URL not be used: as good as a server that is away.
      this.#scheduleReconnect(1006);
    }
  }

  #handleFrame(frame: Frame): void {
    this.#heartbeat.markAlive();
    if ('data' in frame) {
      this.#deliver(frame);
      return;
    }
    switch (frame.type) {
      case 'welcome':
        this.#failures = 0;
        this.#hasRejectedToken = false;
        this.#setState('open');
        this.#commands.reset();
        this.#commands.request(this.#followed.names);
        this.#heartbeat.start(frame.pingIntervalMs);
        return;
      case 'subscribed':
        this.#commands.acknowledge(frame.id);
        this.#followed.advance(frame.channel, frame.position);
        this.#options.onFollowed?.(frame.channel, frame.position);
        return;
      case 'error':
        for (const channel of this.#commands.handleError(frame))
          this.#handleChannelEnd(channel, frame.error.code);
        return;
      case 'unsubscribed':
        if (frame.reason !== 'requested') this.#handleChannelEnd(frame.channel, frame.reason);
        return;
      case 'token_expiring':
        void this.#reauthenticate();
        return;
      case 'bye':
        this.#reconnectAfterMs = frame.reconnectAfterMs;
        return;
    }
  }

  #deliver(event: ClientEvent): void {
    const channels = event.channels.filter((channel) => this.#followed.has(channel));
    if (channels.length === 0) return;
    for (const channel of channels) this.#followed.advance(channel, event.position);
    this.#options.onEvent(event);
  }

  #handleChannelEnd(channel: string, reason: string): void {
    if (!this.#followed.has(channel) || reason === 'ALREADY_SUBSCRIBED') return;
    if (reason === 'POSITION_LOST') {
      void this.#recoverChannel(channel);
    } else if (reason === 'TRY_AGAIN' || reason === 'RATE_LIMITED' || reason === 'INTERNAL_ERROR') {
      const socket = this.#socket;
      setTimeout(() => {
        if (socket === this.#socket) this.#commands.request([channel]);
      }, retryDelayMs);
    } else {
      this.#followed.remove(channel);
      this.#options.onEnded?.(channel, reason);
    }
  }

  async #recoverChannel(channel: string): Promise<void> {
    // A reconnect in the meantime must not follow it from anywhere else.
    this.#followed.remove(channel);
    this.#lostChannels.add(channel);
    try {
      const since = await this.#options.onPositionLost?.(channel);
      if (this.#lostChannels.delete(channel)) this.follow(channel, since);
    } catch {
      if (this.#lostChannels.delete(channel)) this.#options.onEnded?.(channel, 'POSITION_LOST');
    }
  }

  async #reauthenticate(): Promise<void> {
    const token = await Promise.resolve(this.#options.token({ renew: true })).catch(() => undefined);
    if (token !== undefined) this.#send({ type: 'auth', token });
  }

  async #handleClose(code: number, url: string, token: string | undefined): Promise<void> {
    const wasOpen = this.#state === 'open';
    this.#socket = undefined;
    this.#heartbeat.stop();
    if (this.#state === 'stopped') return;
    if (!wasOpen && (await this.#isTokenRejected(url, token))) {
      if (this.#hasRejectedToken) {
        this.#stop('the server takes no token of ours');
        return;
      }
      this.#hasRejectedToken = true;
      this.#scheduleReconnect(4200);
    } else {
      this.#scheduleReconnect(code);
    }
  }

  /** Whether a failed handshake was the token's fault: what pages are not told, they have to ask. */
  async #isTokenRejected(url: string, token: string | undefined): Promise<boolean> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    try {
      return (await fetch(`${url.replace(/\/$/, '')}/api/whoami`, { headers })).status === 401;
    } catch {
      return false;
    }
  }

  #scheduleReconnect(code: number): void {
    if (this.#state === 'stopped') return;
    const plan = planReconnect(code, {
      failures: this.#failures,
      random: Math.random(),
      bidden: this.#reconnectAfterMs,
    });
    this.#reconnectAfterMs = undefined;
    if (plan.stop) {
      this.#stop(`the server closed the connection with ${code}`);
      return;
    }
    this.#failures += 1;
    this.#needsNewToken ||= plan.newToken;
    this.#setState('waiting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), plan.afterMs);
  }

  #send(frame: unknown): void {
    if (this.#socket?.readyState === openReadyState) this.#socket.send(JSON.stringify(frame));
  }

  #stop(reason: string): void {
    clearTimeout(this.#timer);
    this.#setState('stopped', reason);
  }

  #setState(state: ClientState, reason?: string): void {
    if (this.#state === 'stopped') return;
    this.#state = state;
    this.#options.onState?.(state, reason);
  }
}

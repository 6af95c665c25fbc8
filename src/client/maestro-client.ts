import type { Frame } from '../realtime/protocol/frames.ts';
import type { ClientEvent, ClientOptions, ClientState } from './client-options.ts';
import { type ClientSocket, openSocket, platformSocket } from './client-socket.ts';
import { FollowedChannels } from './followed-channels.ts';
import { Heartbeat } from './heartbeat.ts';
import { planReconnect } from './reconnect-plan.ts';
import { SubscribeCommands } from './subscribe-commands.ts';

export type { ClientEvent, ClientOptions, ClientState } from './client-options.ts';

const open = 1;
const retryMs = 1000;

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
  #refused = false;
  #renew = false;
  #reconnectAfterMs: number | undefined;
  readonly #commands = new SubscribeCommands(
    (channels) => (this.#state === 'open' ? this.#followed.targets(channels) : []),
    (frame) => this.#send(frame),
  );
  /** Channels whose state the user is reading again. */
  readonly #lost = new Set<string>();
  readonly #heartbeat = new Heartbeat(
    () => this.#send({ type: 'ping' }),
    () => this.#socket?.close(),
  );

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#Socket = options.WebSocket ?? platformSocket();
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
    this.#commands.ask([channel]);
  }

  /** Follows the channel no longer. */
  unfollow(channel: string): void {
    this.#followed.remove(channel);
    this.#lost.delete(channel);
    this.#send({ type: 'unsubscribe', channel });
  }

  /** Ends the connection for good. */
  close(): void {
    this.#stop('closed by its user');
    this.#socket?.close(1000);
  }

  async #connect(): Promise<void> {
    this.#become('connecting');
    try {
      const token = await this.#options.token({ renew: this.#renew });
      if (this.#state === 'stopped') return;
      this.#renew = false;
      const place =
        this.#options.credential ?? (this.#options.WebSocket === undefined ? 'subprotocol' : 'header');
      const socket = openSocket(this.#Socket, this.#options.url, token, place);
      this.#socket = socket;
      socket.addEventListener('message', ({ data }) => {
        if (this.#socket === socket && this.#state !== 'stopped')
          this.#take(JSON.parse(String(data)) as Frame);
      });
      socket.addEventListener('error', () => {});
      socket.addEventListener('close', ({ code }) => {
        if (this.#socket === socket) void this.#closed(code, token);
      });
    } catch {
      // The token could not be had, or the URL not be used: as good as a server that is away.
      this.#again(1006);
    }
  }

  #take(frame: Frame): void {
    this.#heartbeat.hear();
    if ('data' in frame) {
      this.#deliver(frame);
      return;
    }
    switch (frame.type) {
      case 'welcome':
        this.#failures = 0;
        this.#refused = false;
        this.#become('open');
        this.#commands.startOver();
        this.#commands.ask(this.#followed.names);
        this.#heartbeat.start(frame.pingIntervalMs);
        return;
      case 'subscribed':
        this.#commands.answered(frame.id);
        this.#followed.reached(frame.channel, frame.position);
        this.#options.onFollowed?.(frame.channel, frame.position);
        return;
      case 'error':
        for (const channel of this.#commands.meant(frame)) this.#ended(channel, frame.error.code);
        return;
      case 'unsubscribed':
        if (frame.reason !== 'requested') this.#ended(frame.channel, frame.reason);
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
    for (const channel of channels) this.#followed.reached(channel, event.position);
    this.#options.onEvent(event);
  }

  #ended(channel: string, reason: string): void {
    if (!this.#followed.has(channel) || reason === 'already_subscribed') return;
    if (reason === 'position_lost') {
      void this.#startOver(channel);
    } else if (reason === 'try_again' || reason === 'rate_limited' || reason === 'internal') {
      const socket = this.#socket;
      setTimeout(() => {
        if (socket === this.#socket) this.#commands.ask([channel]);
      }, retryMs);
    } else {
      this.#followed.remove(channel);
      this.#options.onEnded?.(channel, reason);
    }
  }

  async #startOver(channel: string): Promise<void> {
    // A reconnect in the meantime must not follow it from anywhere else.
    this.#followed.remove(channel);
    this.#lost.add(channel);
    try {
      const since = await this.#options.onPositionLost?.(channel);
      if (this.#lost.delete(channel)) this.follow(channel, since);
    } catch {
      if (this.#lost.delete(channel)) this.#options.onEnded?.(channel, 'position_lost');
    }
  }

  async #reauthenticate(): Promise<void> {
    const token = await Promise.resolve(this.#options.token({ renew: true })).catch(() => undefined);
    if (token !== undefined) this.#send({ type: 'auth', token });
  }

  async #closed(code: number, token: string): Promise<void> {
    const wasOpen = this.#state === 'open';
    this.#socket = undefined;
    this.#heartbeat.stop();
    if (this.#state === 'stopped') return;
    if (!wasOpen && (await this.#isRefused(token))) {
      if (this.#refused) {
        this.#stop('the server takes no token of ours');
        return;
      }
      this.#refused = true;
      this.#again(4200);
    } else {
      this.#again(code);
    }
  }

  /** Whether a failed handshake was the token's fault: what pages are not told, they have to ask. */
  async #isRefused(token: string): Promise<boolean> {
    try {
      const url = `${this.#options.url.replace(/\/$/, '')}/api/whoami`;
      return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status === 401;
    } catch {
      return false;
    }
  }

  #again(code: number): void {
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
    this.#renew ||= plan.newToken;
    this.#become('waiting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), plan.afterMs);
  }

  #send(frame: unknown): void {
    if (this.#socket?.readyState === open) this.#socket.send(JSON.stringify(frame));
  }

  #stop(reason: string): void {
    clearTimeout(this.#timer);
    this.#become('stopped', reason);
  }

  #become(state: ClientState, reason?: string): void {
    if (this.#state === 'stopped') return;
    this.#state = state;
    this.#options.onState?.(state, reason);
  }
}

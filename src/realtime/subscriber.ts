import { callBy } from '../application/access/call.ts';
import { canSee } from '../domain/access/access.ts';
import { identityOf } from '../domain/access/identity.ts';
import { streamOf } from '../domain/channel.ts';
import { type CommandNeeds, Commands } from './connection-commands.ts';
import type { StreamFeed } from './delivery/stream-feed.ts';
import { type SubscriptionNeeds, Subscriptions } from './delivery/subscriptions.ts';
import { everyChannel } from './delivery/visible-channels.ts';
import { protocolName, type ServerFrame } from './protocol/frames.ts';
import type { Connection } from './socket/connection.ts';

/** What asks for every channel there is for the actor, later ones included. */
const allChannels = '*';

/** One client of the bridge: its connection, what it follows, and what it asks for. */
export class Member {
  readonly connection: Connection;
  readonly subscriptions: Subscriptions;
  readonly #commands: Commands;
  readonly #needs: SubscriptionNeeds & CommandNeeds;
  /** Where projects are heard of when it follows whatever there is. */
  #workspace: StreamFeed | undefined;

  constructor(connection: Connection, needs: SubscriptionNeeds & CommandNeeds) {
    this.connection = connection;
    this.subscriptions = new Subscriptions(connection, needs);
    this.#commands = new Commands(connection, this.subscriptions, needs);
    this.#needs = needs;
  }

  /** Whether it follows whatever there is for its actor. */
  get followsAll(): boolean {
    return this.#workspace !== undefined;
  }

  /** Greets the client and follows the channels that the handshake named. */
  begin(channels: readonly string[]): void {
    this.connection.send(welcome(this.connection, this.#needs));
    const named = channels.filter((name) => name !== allChannels);
    if (named.length > 0)
      this.#commands.run(() => this.#commands.subscribe(named.map((channel) => ({ channel }))));
    if (named.length === channels.length) return;
    this.#workspace = this.#needs.holdFeed('workspace');
    this.#commands.run(() => this.#followEverything());
  }

  /** Carries out what the client sent. */
  take(text: string): void {
    this.#commands.take(text);
  }

  /** Follows a project that there is by now, from its beginning. */
  meet(projectId: string): void {
    const channel = streamOf(projectId);
    if (!canSee(this.connection.actor, projectId)) return;
    this.#commands.run(async () => {
      if (!this.subscriptions.has(channel))
        await this.subscriptions.add([{ channel, since: 'beginning' }], undefined);
    });
  }

  /** Follows nothing any more. */
  close(): void {
    this.subscriptions.close();
    this.#workspace?.release();
    this.#workspace = undefined;
  }

  async #followEverything(): Promise<void> {
    const channels = await this.#needs.open(callBy(this.connection.actor)).read(everyChannel);
    const missing = channels.filter((channel) => !this.subscriptions.has(channel));
    await this.subscriptions.add(
      missing.map((channel) => ({ channel })),
      undefined,
    );
  }
}

function welcome({ id, actor }: Connection, { limits }: CommandNeeds): ServerFrame {
  const { subscriptions, commandsPerSecond, commandBurst, frameBytes, outBufferBytes } = limits;
  const { expiresAt, tokenId: _, ...identity } = identityOf(actor);
  return {
    type: 'welcome',
    protocol: protocolName,
    connectionId: id,
    actor: identity,
    ...(expiresAt === undefined ? {} : { tokenExpiresAt: expiresAt }),
    pingIntervalMs: limits.pingIntervalMs,
    limits: { subscriptions, commandsPerSecond, commandBurst, frameBytes, outBufferBytes },
  };
}

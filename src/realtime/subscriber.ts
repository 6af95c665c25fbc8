import { callBy } from '../application/access/call.ts';
import { canSeeProject } from '../domain/access/access.ts';
import { toIdentity } from '../domain/access/identity.ts';
import { streamOfProject } from '../domain/channel.ts';
import { type CommandDependencies, ConnectionCommands } from './connection-commands.ts';
import type { StreamFeed } from './delivery/stream-feed.ts';
import { type SubscriptionDependencies, Subscriptions } from './delivery/subscriptions.ts';
import { listVisibleChannels } from './delivery/visible-channels.ts';
import { protocolName, type ServerFrame } from './protocol/frames.ts';
import type { Connection } from './socket/connection.ts';

/** The name that stands for every channel that the actor may see, later ones included. */
const allChannels = '*';

/** One client of the bridge: its connection, its subscriptions and its commands. */
export class Subscriber {
  readonly connection: Connection;
  readonly subscriptions: Subscriptions;
  readonly #commands: ConnectionCommands;
  readonly #dependencies: SubscriptionDependencies & CommandDependencies;
  /** The feed that announces projects, while it follows everything. */
  #workspace: StreamFeed | undefined;

  constructor(connection: Connection, needs: SubscriptionDependencies & CommandDependencies) {
    this.connection = connection;
    this.subscriptions = new Subscriptions(connection, needs);
    this.#commands = new ConnectionCommands(connection, this.subscriptions, needs);
    this.#dependencies = needs;
  }

  /** Whether it follows everything that its actor may see. */
  get followsAll(): boolean {
    return this.#workspace !== undefined;
  }

  /** Sends the welcome frame and subscribes to the channels of the handshake. */
  start(channels: readonly string[]): void {
    this.connection.send(welcome(this.connection, this.#dependencies));
    const named = channels.filter((name) => name !== allChannels);
    if (named.length > 0)
      this.#commands.enqueue(() => this.#commands.subscribe(named.map((channel) => ({ channel }))));
    if (named.length === channels.length) return;
    this.#workspace = this.#dependencies.retainFeed('workspace');
    this.#commands.enqueue(() => this.#followEverything());
  }

  /** Handles a frame of the client. */
  handle(text: string): void {
    this.#commands.handle(text);
  }

  /** Subscribes to a project that was just created, from the beginning of its stream. */
  followProject(projectId: string): void {
    const channel = streamOfProject(projectId);
    if (!canSeeProject(this.connection.actor, projectId)) return;
    this.#commands.enqueue(async () => {
      if (!this.subscriptions.has(channel))
        await this.subscriptions.add([{ channel, since: 'beginning' }], undefined);
    });
  }

  /** Ends every subscription. */
  close(): void {
    this.subscriptions.close();
    this.#workspace?.release();
    this.#workspace = undefined;
  }

  async #followEverything(): Promise<void> {
    const channels = await this.#dependencies.open(callBy(this.connection.actor)).read(listVisibleChannels);
    const missing = channels.filter((channel) => !this.subscriptions.has(channel));
    await this.subscriptions.add(
      missing.map((channel) => ({ channel })),
      undefined,
    );
  }
}

function welcome({ id, actor }: Connection, { limits }: CommandDependencies): ServerFrame {
  const { subscriptions, commandsPerSecond, commandBurst, frameBytes, outBufferBytes } = limits;
  const { expiresAt, tokenId: _, ...identity } = toIdentity(actor);
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

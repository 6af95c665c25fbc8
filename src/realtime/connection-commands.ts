import type { Authenticator } from '../application/access/authenticator.ts';
import { hasExpired } from '../application/access/credential-check.ts';
import type { RateLimiter } from '../application/access/rate-limiter.ts';
import { type Channel, parseChannel } from '../domain/channel.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import type { Subscriptions, SubscriptionTarget } from './delivery/subscriptions.ts';
import { closeCodeOf, closeCodes } from './protocol/close-codes.ts';
import { type ClientFrame, frameErrorCode } from './protocol/frames.ts';
import { parseFrame } from './protocol/parse-frame.ts';
import type { Connection } from './socket/connection.ts';
import type { SocketLimits } from './socket/socket-limits.ts';

/** What commands are carried out with. */
export interface CommandDependencies {
  readonly authenticator: Authenticator;
  readonly limits: SocketLimits;
  readonly now: () => number;
  readonly commandBuckets: RateLimiter;
  readonly errorBuckets: RateLimiter;
  /** Counts a refused credential of an address. Throws RATE_LIMITED when there were too many. */
  readonly countRejectedCredential: (address: string) => void;
  readonly onError: (fault: unknown) => void;
}

/** Carries out what the client of one connection asks for, one command after the other. */
export class ConnectionCommands {
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #dependencies: CommandDependencies;
  /** What is being done, undefined when nothing is. */
  #last: Promise<void> | undefined;

  constructor(connection: Connection, subscriptions: Subscriptions, needs: CommandDependencies) {
    this.#connection = connection;
    this.#subscriptions = subscriptions;
    this.#dependencies = needs;
  }

  /** Takes what the client sent; answers come in the order of the commands. */
  handle(text: string): void {
    const { frame, id, error } = parseFrame(text);
    if (!this.#dependencies.commandBuckets.take(this.#connection.id).allowed) {
      const { commandsPerSecond } = this.#dependencies.limits;
      this.#fail(
        id,
        new AppError('RATE_LIMITED', `A client sends ${commandsPerSecond} commands a second at most.`),
      );
    } else if (frame === undefined) {
      this.#fail(id, error);
    } else {
      this.enqueue(() => this.#execute(frame), id);
    }
  }

  /** Runs the work when the commands before it are done; tells the client when it fails. */
  enqueue(work: () => Promise<void>, id?: string): void {
    const done = (this.#last ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => {
        const appError = toAppError(error);
        if (appError !== error) this.#dependencies.onError(error);
        this.#fail(id, appError);
      })
      .finally(() => {
        if (this.#last === done) this.#last = undefined;
      });
    this.#last = done;
  }

  /** Follows these channels, telling the client of each that cannot be followed. */
  async subscribe(
    names: readonly { channel: string; since?: string | undefined }[],
    id?: string,
  ): Promise<void> {
    const targets = new Map<Channel, SubscriptionTarget>();
    const errors: [string, AppError][] = [];
    const room = this.#dependencies.limits.subscriptions - this.#subscriptions.size;
    for (const { channel: name, since } of names) {
      const channel = parseChannel(name);
      if (channel === undefined) {
        errors.push([
          name,
          new AppError('UNKNOWN_CHANNEL', 'A channel is workspace, project:<id>, session:<id> or task:<id>.'),
        ]);
      } else if (targets.has(channel) || this.#subscriptions.has(channel)) {
        errors.push([name, new AppError('ALREADY_SUBSCRIBED', `This connection follows ${channel}.`)]);
      } else if (targets.size >= room) {
        errors.push([
          name,
          new AppError(
            'SUBSCRIPTION_LIMIT',
            `A connection follows ${this.#dependencies.limits.subscriptions} channels at most.`,
          ),
        ]);
      } else {
        targets.set(channel, { channel, since });
      }
    }
    errors.push(...(await this.#subscriptions.add([...targets.values()], id)));
    for (const [channel, error] of errors) this.#sendError(id, error, channel);
    const [first] = errors;
    if (first !== undefined) this.#countError(first[1]);
  }

  async #execute(frame: ClientFrame): Promise<void> {
    switch (frame.type) {
      case 'ping':
        this.#connection.send({ type: 'pong', ...withId(frame.id), timestamp: this.#dependencies.now() });
        return;
      case 'subscribe': {
        const { channel, channels = [{ channel: channel ?? '', since: frame.since }] } = frame;
        const targets = channels.map((one) => (typeof one === 'string' ? { channel: one } : one));
        return this.subscribe(targets, frame.id);
      }
      case 'unsubscribe': {
        const channel = parseChannel(frame.channel);
        if (channel === undefined) throw new AppError('UNKNOWN_CHANNEL', 'No channel is spelt like this.');
        return this.#subscriptions.remove(channel, 'requested', frame.id);
      }
      case 'auth':
        return this.#authenticate(frame.token, frame.id);
    }
  }

  async #authenticate(token: string, id: string | undefined): Promise<void> {
    const connection = this.#connection;
    const actor = await this.#dependencies.authenticator.verify(token).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'UNAUTHORIZED')
        this.#dependencies.countRejectedCredential(connection.address);
      throw error;
    });
    if (hasExpired(actor, this.#dependencies.now()))
      throw new AppError('UNAUTHORIZED', 'The token has expired.');
    if (actor.id !== connection.actor.id) {
      connection.end(closeCodes.unauthenticated, 'The token is of another subject.');
      return;
    }
    connection.renewCredential(actor);
    await this.#subscriptions.reauthorize();
    const { expiresAt } = actor;
    connection.send({
      type: 'authenticated',
      ...withId(id),
      ...(expiresAt === undefined ? {} : { tokenExpiresAt: expiresAt }),
    });
  }

  #fail(id: string | undefined, error: AppError): void {
    this.#sendError(id, error);
    this.#countError(error);
  }

  #sendError(id: string | undefined, { code, message, details }: AppError, channel?: string): void {
    this.#connection.send({
      type: 'error',
      ...withId(id),
      ...(channel === undefined ? {} : { channel }),
      error: { code: frameErrorCode(code), message },
      ...(typeof details?.head === 'string' ? { position: details.head } : {}),
    });
  }

  /** A client that does little but wrong is cut off. */
  #countError({ code }: AppError): void {
    if (this.#dependencies.errorBuckets.take(this.#connection.id).allowed) return;
    this.#connection.end(closeCodeOf[code], 'The client makes too many errors.');
  }
}

function withId(id: string | undefined): { id?: string } {
  return id === undefined ? {} : { id };
}

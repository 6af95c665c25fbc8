import type { Authenticator } from '../application/access/authenticator.ts';
import { hasExpired } from '../application/access/credential-check.ts';
import type { RateLimiter } from '../application/access/rate-limiter.ts';
import { type Channel, parseChannel } from '../domain/channel.ts';
import { AppError, toAppError } from '../domain/errors.ts';
import type { Subscriptions, SubscriptionTarget } from './delivery/subscriptions.ts';
import { closeCodeOf, closeCodes } from './protocol/close-codes.ts';
import type { ClientFrame } from './protocol/frames.ts';
import { parseFrame } from './protocol/parse-frame.ts';
import type { Connection } from './socket/connection.ts';
import type { SocketLimits } from './socket/socket-limits.ts';

/** What commands need. */
export interface CommandDependencies {
  readonly authenticator: Authenticator;
  readonly limits: SocketLimits;
  readonly now: () => number;
  readonly commandBuckets: RateLimiter;
  readonly errorBuckets: RateLimiter;
  /** Counts a rejected credential of an address. Throws RATE_LIMITED after too many. */
  readonly countRejectedCredential: (address: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Executes the commands of one connection, one after the other. */
export class ConnectionCommands {
  readonly #connection: Connection;
  readonly #subscriptions: Subscriptions;
  readonly #dependencies: CommandDependencies;
  /** The last command in progress, undefined when all are done. */
  #last: Promise<void> | undefined;

  constructor(connection: Connection, subscriptions: Subscriptions, needs: CommandDependencies) {
    this.#connection = connection;
    this.#subscriptions = subscriptions;
    this.#dependencies = needs;
  }

  /** Handles a frame of the client; answers come in the order of the commands. */
  handle(text: string): void {
    const { frame, id, error } = parseFrame(text);
    if (!this.#dependencies.commandBuckets.take(this.#connection.id).allowed) {
      const { commandsPerSecond } = this.#dependencies.limits;
      this.#fail(
        id,
        new AppError('RATE_LIMITED', `A client may send ${commandsPerSecond} commands a second.`),
      );
    } else if (frame === undefined) {
      this.#fail(id, error);
    } else {
      this.enqueue(() => this.#execute(frame), id);
    }
  }

  /** Runs the work after the commands before it; the client receives its error if it fails. */
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

  /** Subscribes to these channels; the client receives an error for each that it cannot have. */
  async subscribe(
    names: readonly { channel: string; since?: string | undefined }[],
    id?: string,
  ): Promise<void> {
    const targets = new Map<Channel, SubscriptionTarget>();
    const errors: [string, AppError][] = [];
    const available = this.#dependencies.limits.subscriptions - this.#subscriptions.size;
    for (const { channel: name, since } of names) {
      const channel = parseChannel(name);
      if (channel === undefined) {
        errors.push([
          name,
          new AppError('UNKNOWN_CHANNEL', 'A channel is workspace, project:<id>, session:<id> or task:<id>.'),
        ]);
      } else if (targets.has(channel) || this.#subscriptions.has(channel)) {
        errors.push([
          name,
          new AppError('ALREADY_SUBSCRIBED', `This connection is subscribed to ${channel} already.`),
        ]);
      } else if (targets.size >= available) {
        errors.push([
          name,
          new AppError(
            'SUBSCRIPTION_LIMIT',
            `A connection has at most ${this.#dependencies.limits.subscriptions} subscriptions.`,
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
        if (channel === undefined)
          throw new AppError('UNKNOWN_CHANNEL', 'This is not the name of a channel.');
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
      connection.end(closeCodes.unauthenticated, 'The token belongs to another subject.');
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
      error: { code: code, message },
      ...(typeof details?.head === 'string' ? { position: details.head } : {}),
    });
  }

  /** Closes the connection of a client that keeps sending commands that fail. */
  #countError({ code }: AppError): void {
    if (this.#dependencies.errorBuckets.take(this.#connection.id).allowed) return;
    const what = code === 'RATE_LIMITED' ? 'sends too many commands' : 'makes too many errors';
    this.#connection.end(closeCodeOf[code], `The client ${what}.`);
  }
}

function withId(id: string | undefined): { id?: string } {
  return id === undefined ? {} : { id };
}

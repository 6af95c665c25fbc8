import type { SubscribeTarget } from './followed-channels.ts';

const maxTargets = 100;

/** What an error frame says of what it is about. */
interface ErrorTarget {
  readonly id?: string | undefined;
  readonly channel?: string | undefined;
}

/** Asks the server for channels: all of one tick in one command, as the server limits how many commands come. */
export class SubscribeCommands {
  readonly #targetsOf: (channels: Iterable<string>) => readonly SubscribeTarget[];
  readonly #send: (frame: unknown) => void;
  readonly #queued = new Set<string>();
  /** What the commands that were not answered yet asked for. */
  readonly #pending = new Map<string, readonly string[]>();
  #count = 0;

  /** `targetsOf` gives those of the channels that are still wanted when the command goes out. */
  constructor(
    targetsOf: (channels: Iterable<string>) => readonly SubscribeTarget[],
    send: (frame: unknown) => void,
  ) {
    this.#targetsOf = targetsOf;
    this.#send = send;
  }

  /** Asks for these channels when the tick ends. */
  request(channels: Iterable<string>): void {
    if (this.#queued.size === 0) queueMicrotask(() => this.#flush());
    for (const channel of channels) this.#queued.add(channel);
  }

  /** Notes that the command of this id was taken. */
  acknowledge(id = ''): void {
    this.#pending.delete(id);
  }

  /** Forgets what another connection asked for. */
  reset(): void {
    this.#pending.clear();
  }

  /** The channels that an error is about: the one it names, else all that its command asked for. */
  handleError({ id = '', channel }: ErrorTarget): readonly string[] {
    const asked = this.#pending.get(id) ?? [];
    this.#pending.delete(id);
    return channel === undefined ? asked : [channel];
  }

  #flush(): void {
    const targets = this.#targetsOf(this.#queued);
    this.#queued.clear();
    for (let i = 0; i < targets.length; i += maxTargets) {
      const channels = targets.slice(i, i + maxTargets);
      const id = `follow-${++this.#count}`;
      this.#pending.set(
        id,
        channels.map(({ channel }) => channel),
      );
      this.#send({ type: 'subscribe', id, channels });
    }
  }
}

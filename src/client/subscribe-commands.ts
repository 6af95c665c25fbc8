import type { Target } from './followed-channels.ts';

const mostTargets = 100;

/** What an error frame says of what it is about. */
interface Blamed {
  readonly id?: string | undefined;
  readonly channel?: string | undefined;
}

/** Asks the server for channels: all of one tick in one command, as the server limits how many commands come. */
export class SubscribeCommands {
  readonly #targetsOf: (channels: Iterable<string>) => readonly Target[];
  readonly #send: (frame: unknown) => void;
  readonly #waiting = new Set<string>();
  /** What the commands that were not answered yet asked for. */
  readonly #asked = new Map<string, readonly string[]>();
  #count = 0;

  /** `targetsOf` gives those of the channels that are still wanted when the command goes out. */
  constructor(targetsOf: (channels: Iterable<string>) => readonly Target[], send: (frame: unknown) => void) {
    this.#targetsOf = targetsOf;
    this.#send = send;
  }

  /** Asks for these channels when the tick ends. */
  ask(channels: Iterable<string>): void {
    if (this.#waiting.size === 0) queueMicrotask(() => this.#command());
    for (const channel of channels) this.#waiting.add(channel);
  }

  /** Notes that the command of this id was taken. */
  answered(id = ''): void {
    this.#asked.delete(id);
  }

  /** Forgets what another connection asked for. */
  startOver(): void {
    this.#asked.clear();
  }

  /** The channels that an error is about: the one it names, else all that its command asked for. */
  meant({ id = '', channel }: Blamed): readonly string[] {
    const asked = this.#asked.get(id) ?? [];
    this.#asked.delete(id);
    return channel === undefined ? asked : [channel];
  }

  #command(): void {
    const targets = this.#targetsOf(this.#waiting);
    this.#waiting.clear();
    for (let i = 0; i < targets.length; i += mostTargets) {
      const channels = targets.slice(i, i + mostTargets);
      const id = `follow-${++this.#count}`;
      this.#asked.set(
        id,
        channels.map(({ channel }) => channel),
      );
      this.#send({ type: 'subscribe', id, channels });
    }
  }
}

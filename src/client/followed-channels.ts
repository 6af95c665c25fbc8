/** The channels that a client follows, and where it is in each: what it needs to go on after a reconnect. */
export class FollowedChannels {
  readonly #positions = new Map<string, string | undefined>();

  get names(): string[] {
    return [...this.#positions.keys()];
  }

  /** Follows the channel from behind a position, or from wherever the server stands. */
  add(channel: string, since: string | undefined): void {
    this.#positions.set(channel, since);
  }

  remove(channel: string): void {
    this.#positions.delete(channel);
  }

  has(channel: string): boolean {
    return this.#positions.has(channel);
  }

  /** Notes that everything of the channel up to here has arrived; a channel never goes back. */
  advance(channel: string, position: string): void {
    if (!this.#positions.has(channel)) return;
    const before = this.#positions.get(channel);
    // Another channel of the stream may be catching up on what this one is past.
    if (before === undefined || !isBefore(position, before)) this.#positions.set(channel, position);
  }

  position(channel: string): string | undefined {
    return this.#positions.get(channel);
  }

  /** Those of the channels that are followed, as a `subscribe` frame names them. */
  targets(channels: Iterable<string>): SubscribeTarget[] {
    const named: SubscribeTarget[] = [];
    for (const channel of channels) {
      if (!this.#positions.has(channel)) continue;
      const since = this.#positions.get(channel);
      named.push(since === undefined ? { channel } : { channel, since });
    }
    return named;
  }
}

/** A channel, and behind which position it is to be followed. */
export interface SubscribeTarget {
  readonly channel: string;
  readonly since?: string;
}

/** Whether the first position is before the second, in the same epoch. */
function isBefore(position: string, other: string): boolean {
  const [epoch, seq] = position.split(':');
  const [otherEpoch, otherSeq] = other.split(':');
  return epoch === otherEpoch && Number(seq) < Number(otherSeq);
}

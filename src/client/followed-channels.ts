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

  /** Notes that everything of the channel up to here has arrived. */
  reached(channel: string, position: string): void {
    if (this.#positions.has(channel)) this.#positions.set(channel, position);
  }

  position(channel: string): string | undefined {
    return this.#positions.get(channel);
  }

  /** The channels as a `subscribe` frame names them. */
  targets(): { channel: string; since?: string }[] {
    return Array.from(this.#positions, ([channel, since]) =>
      since === undefined ? { channel } : { channel, since },
    );
  }
}

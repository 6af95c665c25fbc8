/** How far a clock may be set back and still not be followed, in milliseconds: a summer time change and some. */
const maxHoldMs = 2 * 60 * 60 * 1000;

/**
 * The time of commits, which does not go back: what is committed later never looks older. A clock that is set back by
 * more than two hours was wrong before, and is followed.
 */
export class CommitClock {
  readonly #now: () => number;
  #latest: number;

  /** `now` is the clock in epoch milliseconds, and `latest` the time of the newest commit so far. */
  constructor(now: () => number, latest: number) {
    this.#now = now;
    this.#latest = latest;
  }

  /** The time of a transaction that begins now. */
  now(): number {
    const now = this.#now();
    return this.#latest - now > maxHoldMs ? now : Math.max(now, this.#latest);
  }

  /** Notes the time of a commit. */
  committedAt(at: number): void {
    this.#latest = at;
  }
}

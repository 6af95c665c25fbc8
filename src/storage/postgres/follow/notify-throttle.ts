/** Does one thing for many requests: at once for the first, then once for all that come within the interval. */
export class NotifyThrottle {
  readonly #notify: () => void;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #again = false;

  constructor(announce: () => void, intervalMs: number) {
    this.#notify = announce;
    this.#intervalMs = intervalMs;
  }

  /** Asks for it. */
  request(): void {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#notify();
    this.#timer = setTimeout(() => this.#next(), this.#intervalMs);
  }

  /** Does it now when it is still to be done, and never again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#next();
    clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = undefined;
    if (!this.#again) return;
    this.#again = false;
    this.request();
  }
}

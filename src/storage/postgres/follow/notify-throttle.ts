/** Limits how often a function is called: at once for the first request, then once for all of each interval. */
export class NotifyThrottle {
  readonly #notify: () => void;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isRequested = false;

  constructor(notify: () => void, intervalMs: number) {
    this.#notify = notify;
    this.#intervalMs = intervalMs;
  }

  /** Requests a call. */
  request(): void {
    if (this.#timer !== undefined) {
      this.#isRequested = true;
      return;
    }
    this.#notify();
    this.#timer = setTimeout(() => this.#next(), this.#intervalMs);
  }

  /** Calls at once if a call is due, and ends the interval. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#next();
    clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = undefined;
    if (!this.#isRequested) return;
    this.#isRequested = false;
    this.request();
  }
}

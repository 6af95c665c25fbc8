/** Notices a connection that has gone quiet: pages do not see the pings of the server, so the client asks by itself. */
export class Heartbeat {
  readonly #ping: () => void;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAlive = true;

  /** `ask` makes the other side say something; `onSilence` hears that it did not until the next time it was due. */
  constructor(ask: () => void, onSilence: () => void) {
    this.#ping = ask;
    this.#onSilence = onSilence;
  }

  /** Asks at this interval from now on, until it is stopped. */
  start(everyMs: number): void {
    this.stop();
    this.#isAlive = true;
    this.#timer = setInterval(() => {
      if (!this.#isAlive) {
        this.#onSilence();
        return;
      }
      this.#isAlive = false;
      this.#ping();
    }, everyMs);
  }

  /** Notes that the other side said something. */
  markAlive(): void {
    this.#isAlive = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

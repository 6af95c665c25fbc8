/** Notices a connection that has gone quiet: pages do not see the pings of the server, so the client asks by itself. */
export class Heartbeat {
  readonly #ask: () => void;
  readonly #onSilence: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #heard = true;

  /** `ask` makes the other side say something; `onSilence` hears that it did not until the next time it was due. */
  constructor(ask: () => void, onSilence: () => void) {
    this.#ask = ask;
    this.#onSilence = onSilence;
  }

  /** Asks at this interval from now on, until it is stopped. */
  start(everyMs: number): void {
    this.stop();
    this.#heard = true;
    this.#timer = setInterval(() => {
      if (!this.#heard) {
        this.#onSilence();
        return;
      }
      this.#heard = false;
      this.#ask();
    }, everyMs);
  }

  /** Notes that the other side said something. */
  hear(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

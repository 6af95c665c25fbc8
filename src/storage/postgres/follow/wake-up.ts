/** A bell for one sleeper: a ring while nobody sleeps is heard at once by who lies down next. */
export class WakeUp {
  #rung = false;
  #wake: (() => void) | undefined;

  /** Wakes who sleeps, or who will. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or after so many milliseconds. */
  async sleep(milliseconds: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#rung = false;
  }
}

/** A bell for one sleeper: a ring while nobody sleeps is heard at once by who lies down next. */
export class WakeSignal {
  #isTriggered = false;
  #wake: (() => void) | undefined;

  /** Wakes who sleeps, or who will. */
  trigger(): void {
    this.#isTriggered = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or after so many milliseconds. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#isTriggered) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = undefined;
    this.#isTriggered = false;
  }
}

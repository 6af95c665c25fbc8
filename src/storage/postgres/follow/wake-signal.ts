/** An auto-reset event for one waiter: a trigger while nobody waits ends the next wait at once. */
export class WakeSignal {
  #isTriggered = false;
  #wake: (() => void) | undefined;

  /** Ends the present wait, or the next one. */
  trigger(): void {
    this.#isTriggered = true;
    this.#wake?.();
  }

  /** Resolves at the next trigger, or after so many milliseconds. */
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

/** What was started, to be stopped in reverse order, once. */
export class StopStack {
  readonly #steps: (() => unknown)[] = [];
  #stopped: Promise<void> | undefined;

  /** Adds what ends the thing that was started just now. */
  push(stop: () => unknown): void {
    this.#steps.push(stop);
  }

  /**
   * Stops everything, the newest first, each when the one before has ended; one that fails keeps none from being
   * stopped. More calls wait for the first. Throws what failed: the error, or an AggregateError of several.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'Several things did not stop as they should.');
  }
}

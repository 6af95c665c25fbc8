/** The steps that stop what was started, run once and in reverse order. */
export class DisposalStack {
  readonly #steps: (() => unknown)[] = [];
  #disposed: Promise<void> | undefined;

  /** Adds the step that stops what was just started. */
  push(step: () => unknown): void {
    this.#steps.push(step);
  }

  /**
   * Runs every step, the newest first, each after the previous one has ended; a failing step does not keep the others
   * from running. Further calls wait for the first. Throws the error of a step, or an AggregateError of several.
   */
  dispose(): Promise<void> {
    this.#disposed ??= this.#runSteps();
    return this.#disposed;
  }

  async #runSteps(): Promise<void> {
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

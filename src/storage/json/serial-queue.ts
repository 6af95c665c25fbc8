/** Runs pieces of work one after the other, in the order they came. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the work when all before it has ended, however that ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#last.then(work);
    this.#last = running.catch(() => {});
    return running;
  }

  /** Resolves when everything that came so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}

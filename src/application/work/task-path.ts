/** How tasks lead to others: by what they wait for, or by what they are a part of. */
export interface TaskGraph {
  /** Where the task leads. */
  next(id: string): AsyncIterable<string>;
  /** What leads to the task. */
  previous(id: string): AsyncIterable<string>;
}

/**
 * A path from one of the tasks to another, with both ends, undefined when there is none. It is searched from both ends in
 * turn and ends with the smaller side, so a new link at either end of a long chain costs a few reads.
 */
export async function findTaskPath(
  graph: TaskGraph,
  from: readonly string[],
  to: string,
): Promise<string[] | undefined> {
  if (from.includes(to)) return [to];
  const forward = new SearchSide(from, (id) => graph.next(id));
  const backward = new SearchSide([to], (id) => graph.previous(id));
  for (let side = backward, other = forward; ; [side, other] = [other, side]) {
    const step = await side.step();
    if (step.done) return undefined;
    if (other.has(step.value)) {
      return [...forward.pathFrom(step.value).reverse(), ...backward.pathFrom(step.value).slice(1)];
    }
  }
}

/** Everything that was found from one end so far. */
class SearchSide {
  /** Each task that was found, and the one that it was found from. */
  readonly #cameFrom = new Map<string, string | undefined>();
  readonly #neighbours: (id: string) => AsyncIterable<string>;
  readonly #walk: AsyncIterator<string, void>;

  constructor(starts: readonly string[], neighbours: (id: string) => AsyncIterable<string>) {
    for (const id of starts) this.#cameFrom.set(id, undefined);
    this.#neighbours = neighbours;
    this.#walk = this.#links();
  }

  has(id: string): boolean {
    return this.#cameFrom.has(id);
  }

  /** Follows one more link, and returns where it leads. */
  step(): Promise<IteratorResult<string, void>> {
    return this.#walk.next();
  }

  /** The tasks from this one back to a start. */
  pathFrom(id: string): string[] {
    const path: string[] = [];
    for (let at: string | undefined = id; at !== undefined; at = this.#cameFrom.get(at)) path.push(at);
    return path;
  }

  async *#links(): AsyncGenerator<string, void> {
    // What is found while the keys are walked comes after them.
    for (const id of this.#cameFrom.keys()) {
      for await (const other of this.#neighbours(id)) {
        if (!this.#cameFrom.has(other)) this.#cameFrom.set(other, id);
        yield other;
      }
    }
  }
}

import { createRandom, readSeed } from './random.ts';

/** A random source that a printed seed repeats. */
export interface SeededRandom {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  pick<T>(values: readonly [T, ...T[]] | readonly T[]): T;
}

/** The chance of this run. */
export function createSeededRandom(): SeededRandom {
  const seed = readSeed();
  const below = createRandom(seed);
  return {
    seed,
    below,
    pick(values) {
      if (values.length === 0) throw new Error('There is nothing to pick from.');
      // The index is within the list, so there is a value, whatever its type.
      return values[below(values.length)] as (typeof values)[number];
    },
  };
}

import type { Random } from '../../../../support/samples/random.ts';
import type { Effect, WriteOutcome } from './simulated-disk.ts';

/** What one power cut does to what was not synced: a fate for each effect, and a word for it. */
export interface PowerCut {
  readonly description: string;
  readonly outcomes: ReadonlyMap<Effect, WriteOutcome>;
}

const tornOutcomes: readonly WriteOutcome[] = ['head', 'start', 'tail', 'zeros'];

/**
 * The power cuts that are tried at a moment with these effects unsynced: nothing of them survives, everything, each
 * alone, all but each, each write torn in every way with and without the rest, and so many times any subset. Those that
 * leave the same come once.
 */
export function enumeratePowerCuts(unsynced: readonly Effect[], random: Random, subsets = 4): PowerCut[] {
  const cuts = new Map<string, PowerCut>();
  const add = (word: string, fateOf: (effect: Effect) => WriteOutcome) => {
    const fates = new Map(unsynced.map((effect) => [effect, fateOf(effect)]));
    const key = [...fates.values()].join();
    if (!cuts.has(key)) cuts.set(key, { description: word, outcomes: fates });
  };
  add('nothing', () => 'lost');
  add('everything', () => 'kept');
  for (const [i, one] of unsynced.entries()) {
    add(`only ${i}`, (effect) => (effect === one ? 'kept' : 'lost'));
    add(`all but ${i}`, (effect) => (effect === one ? 'lost' : 'kept'));
    for (const torn of one.what === 'write' ? tornOutcomes : []) {
      add(`${torn} of ${i} and nothing else`, (effect) => (effect === one ? torn : 'lost'));
      add(`${torn} of ${i} and everything else`, (effect) => (effect === one ? torn : 'kept'));
    }
  }
  if (unsynced.length > 1)
    for (let i = 0; i < subsets; i++) add('any subset', (effect) => randomOutcome(effect, random));
  return [...cuts.values()];
}

/** One power cut with any fate for each of the effects. */
export function randomPowerCut(unsynced: readonly Effect[], random: Random): PowerCut {
  const cuts = enumeratePowerCuts(unsynced, random, 12);
  const cut = cuts[random(cuts.length)];
  if (cut === undefined) throw new Error('There is always the cut that nothing survives.');
  return cut;
}

function randomOutcome(effect: Effect, random: Random): WriteOutcome {
  const fates = effect.what === 'naming' || random(2) === 0 ? (['kept', 'lost'] as const) : tornOutcomes;
  return fates[random(fates.length)] ?? 'lost';
}

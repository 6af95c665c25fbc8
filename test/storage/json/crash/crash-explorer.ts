import { type Random, randomFrom } from '../../../support/random.ts';
import { turn } from '../../../support/turn.ts';
import { anyPowerCut, type PowerCut, powerCutsOf } from './power-cuts.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { type Moment, StoreLife, type Variant } from './store-life.ts';
import { madeWorkload, type Workload } from './workload.ts';

/** What is explored. */
export interface Exploration {
  readonly seed: number;
  readonly variant?: Variant;
  /** How many steps the workload has. */
  readonly length?: number;
  /** After so many power cuts no more are tried. */
  readonly most?: number;
}

/** What a run of the explorer found. */
export interface Findings {
  /** How many power cuts were recovered from, and how many more in the middle of such a recovery. */
  images: number;
  nested: number;
  /** What was wrong with the first that was not, and where. */
  violation: string | undefined;
}

/**
 * Takes a store through the random workload of the seed, with a disk that is now quick and now slow, and cuts the power
 * at every moment in every way that `powerCutsOf` knows. Each time it recovers, goes on with the workload a little, cuts
 * the power again at any moment of that, and recovers once more. Ends at the first violation.
 */
export async function explore(exploration: Exploration): Promise<Findings> {
  const { seed, variant = {}, length = 4, most = Number.POSITIVE_INFINITY } = exploration;
  const findings: Findings = { images: 0, nested: 0, violation: undefined };
  let place = 'before any power cut';
  try {
    const workload = await madeWorkload(randomFrom(seed), length);
    const first = await wholeLife(workload, variant, randomFrom(seed));
    for (const [i, moment] of shuffled(first.moments, randomFrom(seed)).entries()) {
      const random = randomFrom(seed + i * 7919);
      for (const cut of powerCutsOf(first.disk.unsyncedAt(moment.at), random)) {
        if (findings.images === most) return findings;
        place = said(moment, cut);
        findings.images++;
        const second = afterPowerCut(first, moment, cut, workload, variant);
        await goOn(second, workload, random);

        const then = oneOf(second.moments, random);
        const nested = anyPowerCut(second.disk.unsyncedAt(then.at), random);
        place += `; then ${said(then, nested)}`;
        findings.nested++;
        const third = afterPowerCut(second, then, nested, workload, variant);
        await third.start();
        await third.end();
      }
    }
  } catch (error) {
    findings.violation = `seed ${seed}, ${place}: ${String(error)}`;
  }
  return findings;
}

/** The life of a store that is taken through all of the workload, on a disk that is now quick and now slow. */
export async function wholeLife(workload: Workload, variant: Variant, latency: Random): Promise<StoreLife> {
  const pause = () => (latency(3) === 0 ? turn() : undefined);
  const life = new StoreLife(new SimulatedDisk(), workload, { variant, meddler: { pause } });
  await life.run(workload.steps, await life.start());
  await life.stop();
  await life.end();
  return life;
}

function afterPowerCut(
  life: StoreLife,
  { at, known }: Moment,
  { fates }: PowerCut,
  workload: Workload,
  variant: Variant,
): StoreLife {
  return new StoreLife(life.disk.afterPowerCut(at, fates), workload, { known, variant });
}

/** Recovers and takes the store a little further, with or without a clean stop. */
async function goOn(life: StoreLife, workload: Workload, random: Random): Promise<void> {
  const count = await life.start();
  const more = workload.works.slice(count, count + random(3));
  if (more.length > 0) await life.run([{ do: 'commit', works: more }], count);
  if (random(3) === 0) await life.stop();
  await life.end();
}

function said({ at, step }: Moment, { word }: PowerCut): string {
  return `before ${step.what} ${step.path} (${at}) the power was cut and left ${word} of what was not synced`;
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  return values
    .map((value) => ({ value, place: random(2 ** 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

/** Any one of the values, of which there must be some. */
export function oneOf<T>(values: readonly T[], random: Random): T {
  // The index is within the list, so there is a value, whatever its type.
  return values[random(values.length)] as T;
}

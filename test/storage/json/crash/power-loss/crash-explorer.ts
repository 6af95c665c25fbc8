import { createRandom, type Random } from '../../../../support/samples/random.ts';
import { nextEventLoopTurn } from '../../../../support/time/event-loop-turn.ts';
import { enumeratePowerCuts, type PowerCut, randomPowerCut } from '../simulation/power-cuts.ts';
import { SimulatedDisk } from '../simulation/simulated-disk.ts';
import { type CrashPoint, StoreRun, type StoreVariant } from '../simulation/store-run.ts';
import { generateWorkload, type Workload } from '../simulation/workload.ts';

/** What is explored. */
export interface Exploration {
  readonly seed: number;
  readonly variant?: StoreVariant;
  /** How many steps the workload has. */
  readonly stepCount?: number;
  /** After so many power cuts no more are tried. */
  readonly maxCuts?: number;
}

/** What a run of the explorer found. */
export interface ExplorationResult {
  /** How many power cuts were recovered from, and how many more in the middle of such a recovery. */
  powerCuts: number;
  nestedPowerCuts: number;
  /** What was wrong with the first that was not, and where. */
  violation: string | undefined;
}

/**
 * Takes a store through the random workload of the seed, with a disk that is now quick and now slow, and cuts the power
 * at every moment in every way that `powerCutsOf` knows. Each time it recovers, goes on with the workload a little, cuts
 * the power again at any moment of that, and recovers once more. Ends at the first violation.
 */
export async function explorePowerCuts(exploration: Exploration): Promise<ExplorationResult> {
  const { seed, variant = {}, stepCount = 4, maxCuts = Number.POSITIVE_INFINITY } = exploration;
  const findings: ExplorationResult = { powerCuts: 0, nestedPowerCuts: 0, violation: undefined };
  let place = 'before any power cut';
  try {
    const workload = await generateWorkload(createRandom(seed), stepCount);
    const first = await runWholeWorkload(workload, variant, createRandom(seed));
    for (const [i, moment] of shuffle(first.crashPoints, createRandom(seed)).entries()) {
      const random = createRandom(seed + i * 7919);
      for (const cut of enumeratePowerCuts(first.disk.unsyncedAt(moment.at), random)) {
        if (findings.powerCuts === maxCuts) return findings;
        place = describeCut(moment, cut);
        findings.powerCuts++;
        const second = afterPowerCut(first, moment, cut, workload, variant);
        await recoverAndContinue(second, workload, random);

        const then = pickFrom(second.crashPoints, random);
        const nested = randomPowerCut(second.disk.unsyncedAt(then.at), random);
        place += `; then ${describeCut(then, nested)}`;
        findings.nestedPowerCuts++;
        const third = afterPowerCut(second, then, nested, workload, variant);
        await third.start();
        await third.cutPower();
      }
    }
  } catch (error) {
    findings.violation = `seed ${seed}, ${place}: ${String(error)}`;
  }
  return findings;
}

/** The life of a store that is taken through all of the workload, on a disk that is now quick and now slow. */
export async function runWholeWorkload(
  workload: Workload,
  variant: StoreVariant,
  latency: Random,
): Promise<StoreRun> {
  const pause = () => (latency(3) === 0 ? nextEventLoopTurn() : undefined);
  const life = new StoreRun(new SimulatedDisk(), workload, { variant, interceptor: { pause } });
  await life.run(workload.steps, await life.start());
  await life.stop();
  await life.cutPower();
  return life;
}

function afterPowerCut(
  life: StoreRun,
  { at, known }: CrashPoint,
  { outcomes }: PowerCut,
  workload: Workload,
  variant: StoreVariant,
): StoreRun {
  return new StoreRun(life.disk.afterPowerCut(at, outcomes), workload, { known, variant });
}

/** Recovers and takes the store a little further, with or without a clean stop. */
async function recoverAndContinue(life: StoreRun, workload: Workload, random: Random): Promise<void> {
  const count = await life.start();
  const more = workload.works.slice(count, count + random(3));
  if (more.length > 0) await life.run([{ do: 'commit', works: more }], count);
  if (random(3) === 0) await life.stop();
  await life.cutPower();
}

function describeCut({ at, step }: CrashPoint, { description }: PowerCut): string {
  return `before ${step.operation} ${step.path} (${at}) the power was cut and left ${description} of what was not synced`;
}

function shuffle<T>(values: readonly T[], random: Random): T[] {
  return values
    .map((value) => ({ value, place: random(2 ** 30) }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

/** Any one of the values, of which there must be some. */
export function pickFrom<T>(values: readonly T[], random: Random): T {
  // The index is within the list, so there is a value, whatever its type.
  return values[random(values.length)] as T;
}

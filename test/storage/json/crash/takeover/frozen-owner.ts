import { createRandom, type Random } from '../../../../support/samples/random.ts';
import { nextEventLoopTurn } from '../../../../support/time/event-loop-turn.ts';
import { createGate } from '../../../../support/time/gate.ts';
import type { Change } from '../../../model/model-steps.ts';
import { SimulatedDisk } from '../simulation/simulated-disk.ts';
import { asFolder, requireNode } from '../simulation/simulated-paths.ts';
import { InvariantViolation, StoreRun, type StoreVariant } from '../simulation/store-run.ts';
import type { SystemCall } from '../simulation/system-calls.ts';
import { branchWorkload, type Workload } from '../simulation/workload.ts';

/** What an owner of a store does until it is frozen, and what its successor does then. */
export interface TakeoverScenario {
  readonly workload: Workload;
  /** The transactions of the successor, half of them while the owner is frozen, and half after it woke. */
  readonly successorWork: readonly (readonly Change[])[];
  readonly variant?: StoreVariant;
  /** The paths at whose steps the owner is frozen, all when left out. */
  readonly freezePaths?: RegExp;
}

/** What a run of `freezeEverywhere` found. */
export interface TakeoverResult {
  /** How many times an owner was frozen and replaced. */
  takeovers: number;
  /** What was wrong with the first that did harm, and where. */
  violation: string | undefined;
}

const options = { takeoverTimeoutMs: 50 };

/**
 * Freezes the owner of a store before each of its steps in turn, lets another process take the folder over and work in
 * it, and wakes the owner, which goes on with what it was at. It must not say of anything that it happened which its
 * successor does not have, and must do no harm to that. Now and then a first successor is killed in its start. Ends at
 * the first violation.
 */
export async function freezeAtEveryStep(seed: number, succession: TakeoverScenario): Promise<TakeoverResult> {
  const findings: TakeoverResult = { takeovers: 0, violation: undefined };
  for (let step = 1; ; step++) {
    try {
      if (!(await freezeAt(step, createRandom(seed + step), succession))) return findings;
      findings.takeovers++;
    } catch (error) {
      findings.violation = `seed ${seed}, frozen before step ${step}: ${String(error)}`;
      return findings;
    }
  }
}

/** Resolves to false when the owner comes to its end before that step. */
async function freezeAt(step: number, random: Random, succession: TakeoverScenario): Promise<boolean> {
  const { workload, successorWork, variant = {}, freezePaths = /^/ } = succession;
  const [frozen, woken, disk, running] = [createGate(), createGate(), new SimulatedDisk(), new Set<number>()];
  let steps = 0;
  const pause = ({ path }: SystemCall) => {
    if (freezePaths.test(path)) steps++;
    if (steps < step) return random(3) === 0 ? nextEventLoopTurn() : undefined;
    frozen.open();
    return woken.opened;
  };
  const owner = new StoreRun(disk, workload, {
    variant,
    interceptor: { pause },
    runningPids: running,
    options,
  });
  const working = owner
    .start()
    .then((count) => owner.run(workload.steps, count))
    .then(() => owner.stop());
  if (!(await Promise.race([frozen.opened.then(() => true), working.then(() => false)]))) return false;
  owner.markDead();

  const { known } = owner;
  const wake = () => {
    woken.open();
    return working.then(() => owner.stop()).catch(rethrowViolation);
  };
  const isKilled = random(3) === 0;
  if (isKilled) {
    await killDuringStart(
      new StoreRun(disk, workload, { known, variant, runningPids: running, options }),
      random,
    );
    await wake();
  }
  const successor = new StoreRun(disk, workload, { known, variant, runningPids: running, options });
  const count = await successor.start();
  const half = count + (successorWork.length >> 1);
  const branch = await branchWorkload(workload, count, successorWork);
  successor.switchWorkload(branch);
  await successor.run([{ do: 'commit', works: branch.works.slice(count, half) }], count);
  if (random(2) === 0) await successor.run([{ do: 'restart' }], half);
  await wake();
  if (owner.known.count > count) {
    throw new InvariantViolation(
      `the owner told of ${owner.known.count} transactions, its successor began with ${count}`,
    );
  }
  await successor.run([{ do: 'commit', works: branch.works.slice(half) }], half);

  await assertSafe(successor, branch, variant);
  await successor.stop();
  await successor.cutPower();
  await assertSafe(successor, branch, variant);
  if (successor.warnings.length > 0)
    throw new InvariantViolation(`the successor warned: ${successor.warnings.join(' ')}`);
  const left = [...asFolder(requireNode(disk, '/data/journal'), 'journal').entries.keys()];
  if (left.length > 0) throw new InvariantViolation(`the successor stopped cleanly and left ${left.join()}`);
  return true;
}

/** Kills a store at any step of its start. */
async function killDuringStart(life: StoreRun, random: Random): Promise<void> {
  life.killAfterSteps(random(30));
  await life.start().catch(rethrowViolation);
  await life.cutPower();
}

/** Throws when a power cut now, or a restart, would lose something. */
async function assertSafe(
  { disk, known }: StoreRun,
  workload: Workload,
  variant: StoreVariant,
): Promise<void> {
  const unsynced = disk.unsyncedAt(disk.moment);
  for (const fate of ['lost', 'kept'] as const) {
    const image = disk.afterPowerCut(disk.moment, new Map(unsynced.map((effect) => [effect, fate])));
    const next = new StoreRun(image, workload, { known, variant });
    await next.start();
    await next.cutPower();
  }
}

function rethrowViolation(error: unknown): void {
  if (error instanceof InvariantViolation) throw error;
}

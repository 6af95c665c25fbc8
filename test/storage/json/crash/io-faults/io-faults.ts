import { AppError } from '../../../../../src/domain/errors.ts';
import { openJsonStore } from '../../../../../src/storage/json/open-json-store.ts';
import { createRandom, type Random } from '../../../../support/samples/random.ts';
import { enumeratePowerCuts } from '../simulation/power-cuts.ts';
import { SimulatedDisk, SimulatedFolder } from '../simulation/simulated-disk.ts';
import { createSystemError, findNode } from '../simulation/simulated-paths.ts';
import {
  InvariantViolation,
  type KnownState,
  nothingKnown,
  StoreRun,
  type StoreVariant,
} from '../simulation/store-run.ts';
import { ShortWriteError, type SystemCall } from '../simulation/system-calls.ts';
import { generateWorkload, type Workload, type WorkloadStep } from '../simulation/workload.ts';

/** Which faults are tried, on which workload. */
export interface FaultScenario {
  readonly seed: number;
  readonly length: number;
  /** Of so many steps one fails. */
  readonly stride: number;
  readonly variant?: StoreVariant;
  /** The paths whose steps fail, all when left out. */
  readonly faultPaths?: RegExp;
}

/** What a run of `failEverywhere` found. */
export interface FaultResult {
  /** How many steps failed, each in a run of its own. */
  faults: number;
  /** How many of those runs ended in a stop for good. */
  stops: number;
  /** What was wrong with the first that was not as it should be, and where. */
  violation: string | undefined;
}

const openingCalls: readonly SystemCall['operation'][] = [
  'list',
  'read',
  'open',
  'create',
  'makeFolder',
  'volume',
];

/**
 * Lets each step of a workload, or every `stride`th, fail once, in every way such a step can. The store
 * stops for good where it cannot know what is on the disk, and there only; nothing known is lost, not by a restart, not
 * by a power cut, and not by one after a restart. Ends at the first violation.
 */
export async function failAtEveryStep({
  seed,
  length,
  stride,
  variant = {},
  faultPaths,
}: FaultScenario): Promise<FaultResult> {
  const findings: FaultResult = { faults: 0, stops: 0, violation: undefined };
  const random = createRandom(seed);
  const workload = await generateWorkload(random, length);
  for (let number = 1 + random(stride); ; number += stride) {
    for (let way = 0; way < 2; way++) {
      const faulty = new FaultInjector(number, way, faultPaths);
      try {
        const isStopped = await runWithFault(
          faulty,
          { disk: new SimulatedDisk(), workload, variant },
          random,
        );
        if (faulty.step === undefined) return findings;
        findings.faults++;
        if (isStopped) findings.stops++;
      } catch (error) {
        findings.violation = `seed ${seed}, ${faulty.description}: ${String(error)}`;
        return findings;
      }
      if (faulty.hasOneFailureMode) break;
    }
  }
}

/** A store with a checkpoint behind every step, so that a process tries again what failed in the one before. */
export function withFrequentCheckpoints({ open = openJsonStore, ...rest }: StoreVariant): StoreVariant {
  return { ...rest, open: (options) => open({ ...options, checkpointBytes: 1 }) };
}

/** One step that fails, by its number among all with such a path. */
export class FaultInjector {
  step: SystemCall | undefined;
  /** Called when it fails. */
  onInjected = () => {};
  readonly #number: number;
  readonly #failureMode: number;
  readonly #paths: RegExp;
  #steps = 0;

  constructor(number: number, way: number, at = /^/) {
    this.#number = number;
    this.#failureMode = way;
    this.#paths = at;
  }

  readonly before = (step: SystemCall): void => {
    if (!this.#paths.test(step.path) || ++this.#steps !== this.#number) return;
    this.step = step;
    this.onInjected();
    if (this.#failureMode === 0) throw createSystemError('EIO', step.path);
    throw step.operation === 'write' ? new ShortWriteError() : createSystemError('EMFILE', step.path);
  };

  get description(): string {
    return `step ${this.#number}, ${this.step?.operation} ${this.step?.path}, failed in way ${this.#failureMode}`;
  }

  /** Whether a step of this sort can fail in one way only. */
  get hasOneFailureMode(): boolean {
    return (
      this.step !== undefined &&
      this.step.operation !== 'write' &&
      !openingCalls.includes(this.step.operation)
    );
  }
}

/** What a store finds when a step of its life is to fail. */
export interface InitialState {
  readonly disk: SimulatedDisk;
  readonly workload: Workload;
  readonly variant: StoreVariant;
  readonly known?: KnownState;
  /** What it is taken through behind what it has; all of the workload when left out. */
  readonly steps?: (count: number) => readonly WorkloadStep[];
}

/**
 * Lets the step fail in a life of a store with this beginning; resolves to whether the store stopped for good. Throws
 * Violation unless it stopped where it has to and nowhere else, and nothing known was lost.
 */
export async function runWithFault(
  faulty: FaultInjector,
  beginning: InitialState,
  random: Random,
): Promise<boolean> {
  const { disk, workload, variant, known = nothingKnown, steps = () => workload.steps } = beginning;
  const life = new StoreRun(disk, workload, { interceptor: faulty, variant, known });
  let wasOpen = false;
  faulty.onInjected = () => {
    wasOpen = life.isOpen;
  };
  let refusal: unknown;
  try {
    const count = await life.start();
    await life.run(steps(count), count);
    await life.stop();
  } catch (error) {
    if (error instanceof InvariantViolation) throw error;
    refusal = error;
  }
  const isStopped = life.failures.length > 0;
  if (isStopped) await assertStopped(life);
  if (wasOpen && faulty.step !== undefined) assertReactionFits(faulty.step, isStopped, refusal);
  if (refusal === undefined && !isStopped) assertJournalNotNeeded(life);
  await life.cutPower();
  await assertNothingLost(life, workload, variant, random);
  return isStopped;
}

/** Throws unless the store says that it has stopped, once, and does nothing more. */
async function assertStopped({ store, failures }: StoreRun): Promise<void> {
  const asked = [store.read(async () => {}), store.transaction('tester', async () => {})];
  for (const outcome of await Promise.allSettled(asked)) {
    const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
    const isRefused = reason instanceof AppError && ['STORE_FAILED', 'NOT_READY'].includes(reason.code);
    if (!isRefused) throw new InvariantViolation('it goes on after it stopped');
  }
  if (failures.length !== 1) throw new InvariantViolation(`it told ${failures.length} times that it stopped`);
}

/** Throws unless the store stopped for a fault of the journal, and went on after one of anything else. */
function assertReactionFits({ operation, path }: SystemCall, isStopped: boolean, refusal: unknown): void {
  const isOfJournal = /^\/data\/journal(\/|$)/.test(path);
  if (isOfJournal && (operation === 'write' || operation === 'sync')) {
    if (!isStopped) throw new InvariantViolation('it went on');
  } else if (!isOfJournal && !path.startsWith('/data/lock')) {
    // Whoever reads a log that cannot be read is told so.
    if (isStopped || (refusal !== undefined && operation !== 'read'))
      throw new InvariantViolation(`it did not go on: ${refusal}`);
  }
}

/** Throws unless a store that was stopped cleanly needs no journal, or said that it does. */
function assertJournalNotNeeded({ disk, warnings }: StoreRun): void {
  const journal = findNode(disk, '/data/journal');
  const isNeeded = journal instanceof SimulatedFolder && journal.entries.size > 0;
  if (isNeeded && warnings.length === 0)
    throw new InvariantViolation('it needs its journal and does not say so');
}

/** Throws when a restart, a power cut, or one after a restart loses something. */
async function assertNothingLost(
  { disk, known }: StoreRun,
  workload: Workload,
  variant: StoreVariant,
  random: Random,
): Promise<void> {
  const now = disk.moment;
  const cuts = enumeratePowerCuts(disk.unsyncedAt(now), random);
  for (const { outcomes } of [cuts[0], cuts[random(cuts.length)]].flatMap((cut) => cut ?? [])) {
    const after = new StoreRun(disk.afterPowerCut(now, outcomes), workload, { known, variant });
    await after.start();
    await after.cutPower();
  }
  const restarted = new StoreRun(disk, workload, { known, variant });
  await restarted.start();
  await restarted.cutPower();
  const last = new StoreRun(disk.afterPowerCut(disk.moment, new Map()), workload, {
    known: restarted.known,
    variant,
  });
  await last.start();
  await last.cutPower();
}

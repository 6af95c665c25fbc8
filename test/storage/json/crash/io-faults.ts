import { AppError } from '../../../../src/domain/errors.ts';
import { openJsonStore } from '../../../../src/storage/json/json-store.ts';
import { type Random, randomFrom } from '../../../support/random.ts';
import { powerCutsOf } from './power-cuts.ts';
import { SimulatedDisk, SimulatedFolder } from './simulated-disk.ts';
import { fault, findNode } from './simulated-paths.ts';
import { ShortWrite, type Step } from './simulated-process.ts';
import { type Known, nothing, StoreLife, type Variant, Violation } from './store-life.ts';
import { madeWorkload, type Workload, type WorkStep } from './workload.ts';

/** Which faults are tried, on which workload. */
export interface Faults {
  readonly seed: number;
  readonly length: number;
  /** Of so many steps one fails. */
  readonly stride: number;
  readonly variant?: Variant;
  /** The paths whose steps fail, all when left out. */
  readonly at?: RegExp;
}

/** What a run of `failEverywhere` found. */
export interface FaultFindings {
  /** How many steps failed, each in a run of its own. */
  faults: number;
  /** How many of those runs ended in a stop for good. */
  stops: number;
  /** What was wrong with the first that was not as it should be, and where. */
  violation: string | undefined;
}

const opening: readonly Step['what'][] = ['list', 'read', 'open', 'create', 'makeFolder', 'volume'];

/**
 * Lets each step of a workload, or every `stride`th, fail once, in every way such a step can. The store
 * stops for good where it cannot know what is on the disk, and there only; nothing known is lost, not by a restart, not
 * by a power cut, and not by one after a restart. Ends at the first violation.
 */
export async function failEverywhere({
  seed,
  length,
  stride,
  variant = {},
  at,
}: Faults): Promise<FaultFindings> {
  const findings: FaultFindings = { faults: 0, stops: 0, violation: undefined };
  const random = randomFrom(seed);
  const workload = await madeWorkload(random, length);
  for (let number = 1 + random(stride); ; number += stride) {
    for (let way = 0; way < 2; way++) {
      const faulty = new FaultyStep(number, way, at);
      try {
        const isStopped = await failOnce(faulty, { disk: new SimulatedDisk(), workload, variant }, random);
        if (faulty.step === undefined) return findings;
        findings.faults++;
        if (isStopped) findings.stops++;
      } catch (error) {
        findings.violation = `seed ${seed}, ${faulty.told}: ${String(error)}`;
        return findings;
      }
      if (faulty.isOnlyWay) break;
    }
  }
}

/** A store with a checkpoint behind every step, so that a process tries again what failed in the one before. */
export function hasty({ open = openJsonStore, ...rest }: Variant): Variant {
  return { ...rest, open: (options) => open({ ...options, checkpointBytes: 1 }) };
}

/** One step that fails, by its number among all with such a path. */
export class FaultyStep {
  step: Step | undefined;
  /** Called when it fails. */
  onFault = () => {};
  readonly #number: number;
  readonly #way: number;
  readonly #at: RegExp;
  #steps = 0;

  constructor(number: number, way: number, at = /^/) {
    this.#number = number;
    this.#way = way;
    this.#at = at;
  }

  readonly before = (step: Step): void => {
    if (!this.#at.test(step.path) || ++this.#steps !== this.#number) return;
    this.step = step;
    this.onFault();
    if (this.#way === 0) throw fault('EIO', step.path);
    throw step.what === 'write' ? new ShortWrite() : fault('EMFILE', step.path);
  };

  get told(): string {
    return `step ${this.#number}, ${this.step?.what} ${this.step?.path}, failed in way ${this.#way}`;
  }

  /** Whether a step of this sort can fail in one way only. */
  get isOnlyWay(): boolean {
    return this.step !== undefined && this.step.what !== 'write' && !opening.includes(this.step.what);
  }
}

/** What a store finds when a step of its life is to fail. */
export interface Beginning {
  readonly disk: SimulatedDisk;
  readonly workload: Workload;
  readonly variant: Variant;
  readonly known?: Known;
  /** What it is taken through behind what it has; all of the workload when left out. */
  readonly steps?: (count: number) => readonly WorkStep[];
}

/**
 * Lets the step fail in a life of a store with this beginning; resolves to whether the store stopped for good. Throws
 * Violation unless it stopped where it has to and nowhere else, and nothing known was lost.
 */
export async function failOnce(faulty: FaultyStep, beginning: Beginning, random: Random): Promise<boolean> {
  const { disk, workload, variant, known = nothing, steps = () => workload.steps } = beginning;
  const life = new StoreLife(disk, workload, { meddler: faulty, variant, known });
  let wasOpen = false;
  faulty.onFault = () => {
    wasOpen = life.isOpen;
  };
  let refusal: unknown;
  try {
    const count = await life.start();
    await life.run(steps(count), count);
    await life.stop();
  } catch (error) {
    if (error instanceof Violation) throw error;
    refusal = error;
  }
  const isStopped = life.failures.length > 0;
  if (isStopped) await assertStopped(life);
  if (wasOpen && faulty.step !== undefined) assertApt(faulty.step, isStopped, refusal);
  if (refusal === undefined && !isStopped) assertFinished(life);
  await life.end();
  await assertNothingLost(life, workload, variant, random);
  return isStopped;
}

/** Throws unless the store says that it has stopped, once, and does nothing more. */
async function assertStopped({ store, failures }: StoreLife): Promise<void> {
  const asked = [store.read(async () => {}), store.transaction('tester', async () => {})];
  for (const outcome of await Promise.allSettled(asked)) {
    const reason: unknown = outcome.status === 'rejected' ? outcome.reason : undefined;
    const isRefused = reason instanceof AppError && ['STORE_FAILED', 'NOT_READY'].includes(reason.code);
    if (!isRefused) throw new Violation('it goes on after it stopped');
  }
  if (failures.length !== 1) throw new Violation(`it told ${failures.length} times that it stopped`);
}

/** Throws unless the store stopped for a fault of the journal, and went on after one of anything else. */
function assertApt({ what, path }: Step, isStopped: boolean, refusal: unknown): void {
  const isOfJournal = /^\/data\/journal(\/|$)/.test(path);
  if (isOfJournal && (what === 'write' || what === 'sync')) {
    if (!isStopped) throw new Violation('it went on');
  } else if (!isOfJournal && !path.startsWith('/data/lock')) {
    // Whoever reads a log that cannot be read is told so.
    if (isStopped || (refusal !== undefined && what !== 'read'))
      throw new Violation(`it did not go on: ${refusal}`);
  }
}

/** Throws unless a store that was stopped cleanly needs no journal, or said that it does. */
function assertFinished({ disk, warnings }: StoreLife): void {
  const journal = findNode(disk, '/data/journal');
  const isNeeded = journal instanceof SimulatedFolder && journal.names.size > 0;
  if (isNeeded && warnings.length === 0) throw new Violation('it needs its journal and does not say so');
}

/** Throws when a restart, a power cut, or one after a restart loses something. */
async function assertNothingLost(
  { disk, known }: StoreLife,
  workload: Workload,
  variant: Variant,
  random: Random,
): Promise<void> {
  const now = disk.moment;
  const cuts = powerCutsOf(disk.unsyncedAt(now), random);
  for (const { fates } of [cuts[0], cuts[random(cuts.length)]].flatMap((cut) => cut ?? [])) {
    const after = new StoreLife(disk.afterPowerCut(now, fates), workload, { known, variant });
    await after.start();
    await after.end();
  }
  const restarted = new StoreLife(disk, workload, { known, variant });
  await restarted.start();
  await restarted.end();
  const last = new StoreLife(disk.afterPowerCut(disk.moment, new Map()), workload, {
    known: restarted.known,
    variant,
  });
  await last.start();
  await last.end();
}

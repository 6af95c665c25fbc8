import type { Store } from '../../../../../src/application/store/store.ts';
import type { AppError } from '../../../../../src/domain/errors.ts';
import type { FileSystem } from '../../../../../src/storage/json/disk/file-system.ts';
import type { JsonStoreOptions } from '../../../../../src/storage/json/json-store-options.ts';
import { openJsonStore } from '../../../../../src/storage/json/open-json-store.ts';
import { nextEventLoopTurn } from '../../../../support/time/event-loop-turn.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { SimulatedProcess } from './simulated-process.ts';
import type { CallInterceptor, SystemCall } from './system-calls.ts';
import {
  commitWork,
  fixedClock,
  readCommitCount,
  serializeState,
  type Workload,
  type WorkloadStep,
} from './workload.ts';

/** The store as it is to be tried: the real one, or one with a deliberate fault. */
export interface StoreVariant {
  /** The file system as the store is to see it. */
  readonly files?: (files: FileSystem) => FileSystem;
  readonly open?: typeof openJsonStore;
}

/** What anybody knows of a store: how many transactions were acknowledged, told or shown, and the epochs of its streams. */
export interface KnownState {
  readonly count: number;
  readonly epochs: string | undefined;
}

/** A moment just before a step that changes something. */
export interface CrashPoint {
  readonly at: number;
  readonly step: SystemCall;
  readonly known: KnownState;
}

/** A store lost something it had acknowledged, or shows something that never was. */
export class InvariantViolation extends Error {}

/** What anybody knows of a store that never was. */
export const nothingKnown: KnownState = { count: 0, epochs: undefined };
const readOnlyCalls: readonly SystemCall['operation'][] = ['list', 'stat', 'read', 'volume', 'open', 'close'];

/** How a store is opened on a simulated disk: small files, and nothing that happens by the clock. */
export const simulatedOptions = {
  dataDir: '/data',
  now: fixedClock,
  segmentBytes: 2000,
  checkpointBytes: 3000,
  checkpointIntervalMs: 3_600_000,
  spaceCheckMs: 3_600_000,
  closeTimeoutMs: 3_600_000,
  takeoverTimeoutMs: 0,
} as const satisfies Omit<JsonStoreOptions, 'files'>;

/** What a life may be told: what is known of the disk already, and who else runs on it. */
export interface StoreRunOptions {
  readonly known?: KnownState;
  readonly variant?: StoreVariant;
  readonly interceptor?: CallInterceptor;
  readonly runningPids?: Set<number>;
  /** What of the options is to be otherwise. */
  readonly options?: Partial<JsonStoreOptions>;
}

/** A store on a simulated disk from its start to a power cut. Whatever it shows is compared with the model. */
export class StoreRun {
  readonly disk: SimulatedDisk;
  /** Every moment so far, with what was known then. */
  readonly crashPoints: CrashPoint[] = [];
  /** What the store warned of, and why it stopped. */
  readonly warnings: string[] = [];
  readonly failures: AppError[] = [];
  #workload: Workload;
  readonly #variant: StoreVariant;
  readonly #interceptor: CallInterceptor;
  readonly #runningPids: Set<number>;
  readonly #options: Partial<JsonStoreOptions>;
  #known: KnownState;
  /** Whether the store is open, or being closed. */
  isOpen = false;
  #remainingSteps = Number.POSITIVE_INFINITY;
  #process: SimulatedProcess | undefined;
  #store: Store | undefined;

  constructor(
    disk: SimulatedDisk,
    workload: Workload,
    {
      known = nothingKnown,
      variant = {},
      interceptor = {},
      runningPids = new Set(),
      options = {},
    }: StoreRunOptions = {},
  ) {
    this.disk = disk;
    this.#workload = workload;
    this.#known = known;
    this.#variant = variant;
    this.#interceptor = interceptor;
    this.#runningPids = runningPids;
    this.#options = options;
  }

  /** What is known by now. */
  get known(): KnownState {
    return this.#known;
  }

  /** From now on the store is compared with another model, which is like the one before so far. */
  switchWorkload(workload: Workload): void {
    this.#workload = workload;
  }

  /** From now on no other process sees it run. */
  markDead(): void {
    this.#process?.markDead();
  }

  /** From now on so many steps succeed, and none after them. */
  killAfterSteps(steps: number): void {
    this.#remainingSteps = steps;
  }

  /** Opens the store; resolves to how many transactions it shows. */
  async start(): Promise<number> {
    this.isOpen = false;
    const before = (step: SystemCall) => {
      this.#recordCrashPoint(step);
      this.#interceptor.before?.(step);
    };
    const process = new SimulatedProcess(this.disk, { ...this.#interceptor, before }, this.#runningPids);
    this.#process = process;
    const { files = (same) => same, open = openJsonStore } = this.#variant;
    const { retention } = this.#workload;
    const log = (level: string, message: string) => level === 'warn' && this.warnings.push(message);
    const onFatalError = (failure: AppError) => this.failures.push(failure);
    const options = { ...simulatedOptions, retention, log, onFatalError, ...this.#options };
    this.#store = await open({ ...options, files: files(process) });
    this.isOpen = true;
    this.#store.onCommit((events) => {
      for (const { stream, seq } of events) if (stream === 'workspace') this.#recordKnown({ count: seq });
    });
    return this.verify();
  }

  /** Takes the store through the steps, behind so many transactions. */
  async run(steps: readonly WorkloadStep[], count: number): Promise<void> {
    let number = count;
    for (const step of steps) {
      if (step.do === 'restart') {
        await this.store.close();
        await this.start();
        continue;
      }
      const commits = step.works.map(async (work) => {
        const own = ++number;
        this.#recordKnown({ count: own, epochs: await commitWork(this.store, work, own) });
      });
      await Promise.all([...commits, nextEventLoopTurn().then(() => this.verify())]);
      await this.verify();
    }
  }

  /** Looks at everything the store shows; resolves to how many transactions that are. */
  async verify(): Promise<number> {
    const before = this.#known.count;
    const [state, { count, epochs }] = await this.store.read((reader) =>
      Promise.all([serializeState(reader, this.#workload.retention), readCommitCount(reader)]),
    );
    if (this.#workload.countByState.get(state) !== count) {
      throw new InvariantViolation(
        `what is shown as the state after ${count} transactions never was: ${state}`,
      );
    }
    if (count < before) throw new InvariantViolation(`of ${before} known transactions ${count} are left`);
    this.#recordKnown({ count, epochs });
    return count;
  }

  /** Stops the store cleanly. */
  async stop(): Promise<void> {
    await this.store.close();
  }

  /** Cuts the power now; the last moment is this one. */
  async cutPower(): Promise<void> {
    this.crashPoints.push({
      at: this.disk.moment,
      step: { operation: 'close', path: 'the end' },
      known: this.#known,
    });
    this.#process?.kill();
    await this.#store?.close();
  }

  /** The store, once it was opened. */
  get store(): Store {
    if (this.#store === undefined) throw new Error('The store has not been opened.');
    return this.#store;
  }

  #recordKnown({ count, epochs = this.#known.epochs }: { count: number; epochs?: string | undefined }): void {
    if (this.#known.epochs !== undefined && this.#known.epochs !== epochs) {
      throw new InvariantViolation(`the epochs were ${this.#known.epochs} and are ${epochs}`);
    }
    this.#known = { count: Math.max(this.#known.count, count), epochs };
  }

  #recordCrashPoint(step: SystemCall): void {
    if (this.#remainingSteps-- <= 0) this.#process?.kill();
    if (!readOnlyCalls.includes(step.operation))
      this.crashPoints.push({ at: this.disk.moment, step, known: this.#known });
  }
}

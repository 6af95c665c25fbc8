import type { Store } from '../../../../src/application/store/store.ts';
import type { AppError } from '../../../../src/domain/errors.ts';
import type { FileSystem } from '../../../../src/storage/json/disk/file-system.ts';
import { openJsonStore } from '../../../../src/storage/json/json-store.ts';
import type { JsonStoreOptions } from '../../../../src/storage/json/json-store-options.ts';
import { turn } from '../../../support/turn.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { type Meddler, SimulatedProcess, type Step } from './simulated-process.ts';
import { countOf, runWork, stateOf, type Workload, type WorkStep, workClock } from './workload.ts';

/** The store as it is to be tried: the real one, or one with a deliberate fault. */
export interface Variant {
  /** The file system as the store is to see it. */
  readonly files?: (files: FileSystem) => FileSystem;
  readonly open?: typeof openJsonStore;
}

/** What anybody knows of a store: how many transactions were acknowledged, told or shown, and the epochs of its streams. */
export interface Known {
  readonly count: number;
  readonly epochs: string | undefined;
}

/** A moment just before a step that changes something. */
export interface Moment {
  readonly at: number;
  readonly step: Step;
  readonly known: Known;
}

/** A store lost something it had acknowledged, or shows something that never was. */
export class Violation extends Error {}

/** What anybody knows of a store that never was. */
export const nothing: Known = { count: 0, epochs: undefined };
const looks: readonly Step['what'][] = ['list', 'stat', 'read', 'volume', 'open', 'close'];

/** How a store is opened on a simulated disk: small files, and nothing that happens by the clock. */
export const simulatedOptions = {
  dataDir: '/data',
  now: workClock,
  segmentBytes: 2000,
  checkpointBytes: 3000,
  checkpointMs: 3_600_000,
  spaceMs: 3_600_000,
  closeMs: 3_600_000,
  patienceMs: 0,
} as const satisfies Omit<JsonStoreOptions, 'files'>;

/** What a life may be told: what is known of the disk already, and who else runs on it. */
export interface LifeOptions {
  readonly known?: Known;
  readonly variant?: Variant;
  readonly meddler?: Meddler;
  readonly running?: Set<number>;
  /** What of the options is to be otherwise. */
  readonly options?: Partial<JsonStoreOptions>;
}

/** A store on a simulated disk from its start to a power cut. Whatever it shows is compared with the model. */
export class StoreLife {
  readonly disk: SimulatedDisk;
  /** Every moment so far, with what was known then. */
  readonly moments: Moment[] = [];
  /** What the store warned of, and why it stopped. */
  readonly warnings: string[] = [];
  readonly failures: AppError[] = [];
  #workload: Workload;
  readonly #variant: Variant;
  readonly #meddler: Meddler;
  readonly #running: Set<number>;
  readonly #options: Partial<JsonStoreOptions>;
  #known: Known;
  /** Whether the store is open, or being closed. */
  isOpen = false;
  #left = Number.POSITIVE_INFINITY;
  #process: SimulatedProcess | undefined;
  #store: Store | undefined;

  constructor(
    disk: SimulatedDisk,
    workload: Workload,
    { known = nothing, variant = {}, meddler = {}, running = new Set(), options = {} }: LifeOptions = {},
  ) {
    this.disk = disk;
    this.#workload = workload;
    this.#known = known;
    this.#variant = variant;
    this.#meddler = meddler;
    this.#running = running;
    this.#options = options;
  }

  /** What is known by now. */
  get known(): Known {
    return this.#known;
  }

  /** From now on the store is compared with another model, which is like the one before so far. */
  follow(workload: Workload): void {
    this.#workload = workload;
  }

  /** From now on no other process sees it run. */
  vanish(): void {
    this.#process?.vanish();
  }

  /** From now on so many steps succeed, and none after them. */
  endAfter(steps: number): void {
    this.#left = steps;
  }

  /** Opens the store; resolves to how many transactions it shows. */
  async start(): Promise<number> {
    this.isOpen = false;
    const before = (step: Step) => {
      this.#note(step);
      this.#meddler.before?.(step);
    };
    const process = new SimulatedProcess(this.disk, { ...this.#meddler, before }, this.#running);
    this.#process = process;
    const { files = (same) => same, open = openJsonStore } = this.#variant;
    const { retention } = this.#workload;
    const log = (level: string, message: string) => level === 'warn' && this.warnings.push(message);
    const onFailure = (failure: AppError) => this.failures.push(failure);
    const options = { ...simulatedOptions, retention, log, onFailure, ...this.#options };
    this.#store = await open({ ...options, files: files(process) });
    this.isOpen = true;
    this.#store.onCommit((events) => {
      for (const { stream, seq } of events) if (stream === 'workspace') this.#knows({ count: seq });
    });
    return this.look();
  }

  /** Takes the store through the steps, behind so many transactions. */
  async run(steps: readonly WorkStep[], count: number): Promise<void> {
    let number = count;
    for (const step of steps) {
      if (step.do === 'restart') {
        await this.store.close();
        await this.start();
        continue;
      }
      const commits = step.works.map(async (work) => {
        const own = ++number;
        this.#knows({ count: own, epochs: await runWork(this.store, work, own) });
      });
      await Promise.all([...commits, turn().then(() => this.look())]);
      await this.look();
    }
  }

  /** Looks at everything the store shows; resolves to how many transactions that are. */
  async look(): Promise<number> {
    const before = this.#known.count;
    const [state, { count, epochs }] = await this.store.read((reader) =>
      Promise.all([stateOf(reader, this.#workload.retention), countOf(reader)]),
    );
    if (this.#workload.countByState.get(state) !== count) {
      throw new Violation(`what is shown as the state after ${count} transactions never was: ${state}`);
    }
    if (count < before) throw new Violation(`of ${before} known transactions ${count} are left`);
    this.#knows({ count, epochs });
    return count;
  }

  /** Stops the store cleanly. */
  async stop(): Promise<void> {
    await this.store.close();
  }

  /** Cuts the power now; the last moment is this one. */
  async end(): Promise<void> {
    this.moments.push({ at: this.disk.moment, step: { what: 'close', path: 'the end' }, known: this.#known });
    this.#process?.end();
    await this.#store?.close();
  }

  /** The store, once it was opened. */
  get store(): Store {
    if (this.#store === undefined) throw new Error('The store has not been opened.');
    return this.#store;
  }

  #knows({ count, epochs = this.#known.epochs }: { count: number; epochs?: string | undefined }): void {
    if (this.#known.epochs !== undefined && this.#known.epochs !== epochs) {
      throw new Violation(`the epochs were ${this.#known.epochs} and are ${epochs}`);
    }
    this.#known = { count: Math.max(this.#known.count, count), epochs };
  }

  #note(step: Step): void {
    if (this.#left-- <= 0) this.#process?.end();
    if (!looks.includes(step.what)) this.moments.push({ at: this.disk.moment, step, known: this.#known });
  }
}

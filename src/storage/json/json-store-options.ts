import type { AppError } from '../../domain/errors.ts';
import { defaultRetention, type Retention } from '../retention.ts';
import type { FileSystem } from './disk/file-system.ts';
import type { ExternalEdits } from './recovery/external-edits-scan.ts';

/** Hears what the store has to say beside its answers. */
export type StoreLog = (
  level: 'info' | 'warn',
  message: string,
  details?: Readonly<Record<string, unknown>>,
) => void;

/** What a store on JSON files needs to know; what is left out is as `defaultOptions` says. */
export interface JsonStoreOptions {
  /** The data folder, absolute; made when there is none. */
  readonly dataDir: string;
  readonly files: FileSystem;
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number;
  readonly retention?: Retention;
  /** Hears once that the store has stopped for good; the process should end then. */
  readonly onFatalError?: (failure: AppError) => void;
  readonly log?: StoreLog;
  /** A checkpoint comes at the latest so long after a change, in milliseconds, or when the journal has so many bytes. */
  readonly checkpointIntervalMs?: number;
  readonly checkpointBytes?: number;
  /** A segment of the journal ends at so many bytes; with so many in all of them, changes are refused. */
  readonly segmentBytes?: number;
  readonly maxJournalBytes?: number;
  /** With less free space than this the store is degraded, and with less than that changes are refused. */
  readonly lowFreeBytes?: number;
  readonly minFreeBytes?: number;
  /** How often the free space is looked at, in milliseconds. */
  readonly spaceCheckMs?: number;
  /** How long the work of a transaction may take, and how long the last checkpoint, in milliseconds. */
  readonly transactionTimeoutMs?: number;
  readonly closeTimeoutMs?: number;
  /** How long an owner of the folder that shows no life is watched before it is replaced, in milliseconds. */
  readonly takeoverTimeoutMs?: number;
  /** Whether a network file system is accepted, where nothing is promised. */
  readonly allowNetwork?: boolean;
  /** Whether a start is refused on a full disk, where reads are served otherwise. */
  readonly mustWrite?: boolean;
  /** Whether the file that says that the folder holds a store is written again when it is missing. */
  readonly restoresStoreFile?: boolean;
  /** Gets what was edited by hand meanwhile, which is refused otherwise; the store shows it as it was before. */
  readonly onExternalEdits?: ((edits: ExternalEdits) => void) | undefined;
  /** Gives up what the journal holds behind a transaction, once the folder is copied; undefined gives up nothing. */
  readonly truncate?: { readonly after: number; readonly copy: string } | undefined;
}

const MiB = 1024 * 1024;

/** What holds for everything that is left out. */
export const defaultOptions = {
  now: Date.now,
  retention: defaultRetention,
  onFatalError: () => {},
  log: () => {},
  checkpointIntervalMs: 30_000,
  checkpointBytes: 64 * MiB,
  segmentBytes: 8 * MiB,
  maxJournalBytes: 256 * MiB,
  lowFreeBytes: 256 * MiB,
  minFreeBytes: 64 * MiB,
  spaceCheckMs: 5_000,
  transactionTimeoutMs: 30_000,
  closeTimeoutMs: 5_000,
  takeoverTimeoutMs: 10_000,
  allowNetwork: false,
  mustWrite: false,
  restoresStoreFile: false,
  truncate: undefined,
  onExternalEdits: undefined,
} as const satisfies Required<Omit<JsonStoreOptions, 'dataDir' | 'files'>>;

/** The options with everything said. */
export type ResolvedOptions = Required<JsonStoreOptions>;

import { type CheckResult, checkResultsOf } from '../../../application/integrity/check-result.ts';
import type { Reader } from '../../../application/store/store.ts';
import { StartError } from '../../../domain/start-error.ts';
import { unlimitedRetention } from '../../retention.ts';
import { TransactionScope } from '../../transaction-scope.ts';
import { needsAdoption } from '../adoption/adopt-folder.ts';
import { assertCompatible } from '../checkpoint/store-file.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { toFolderError } from '../disk/unusable-folder-error.ts';
import { readLockState } from '../folder/folder-lock.ts';
import { defaultOptions } from '../json-store-options.ts';
import { LogCache } from '../logs/log-cache.ts';
import { isSegmentIntact } from '../logs/log-segment.ts';
import { openReadOnly, type RecoveryResult, recover } from '../recovery/recovery.ts';
import type { StoredState } from '../state/stored-state.ts';
import { SnapshotView } from '../view/snapshot-view.ts';
import { createReader } from '../view/stored-reader.ts';

/** What a look into a data folder takes. */
export interface InspectOptions {
  readonly files: FileSystem;
  readonly dataDir: string;
  readonly allowNetwork: boolean;
  readonly now: number;
}

const foreignFolderResult: CheckResult = {
  check: 'files',
  status: 'warning',
  sentence: 'Another server left them; the next start copies the folder, and adopts them.',
};

/** Who uses the folder: nobody but a start may change it then. */
export function inspectLock({ files, dataDir }: InspectOptions): CheckResult & { readonly inUse: boolean } {
  const { status, who } = readLockState(files, dataDir);
  const check = 'lock';
  if (status === 'held') return { check, inUse: true, status: 'ok', sentence: `It is in use by ${who}.` };
  if (status === 'unseen') {
    const sentence = `It may be in use by ${who}, which cannot be seen from here; a start waits for a sign of life.`;
    return { check, inUse: true, status: 'warning', sentence };
  }
  const left = status === 'dead' ? ` It was left by ${who}, which is gone; the next start takes it.` : '';
  return { check, inUse: false, status: 'ok', sentence: `Nobody uses the folder.${left}` };
}

/** What the folder lies on, and how much space there is. */
export async function inspectDisk({ files, dataDir, allowNetwork }: InspectOptions): Promise<CheckResult> {
  const { freeBytes, network } = await files.volume(dataDir);
  const check = 'disk';
  const free = `${Math.floor(freeBytes / 1024 / 1024)} MiB are free`;
  if (network !== undefined && !allowNetwork) {
    const sentence = `The folder lies on a ${network} file system, where locks and syncs cannot be trusted.`;
    return { check, status: 'fault', sentence };
  }
  if (freeBytes < defaultOptions.minFreeBytes) {
    return { check, status: 'fault', sentence: `${free}: changes are refused; make space.` };
  }
  if (freeBytes < defaultOptions.lowFreeBytes) {
    return { check, status: 'warning', sentence: `${free}: that is little; make space.` };
  }
  return { check, status: 'ok', sentence: `${free}.` };
}

/**
 * Reads the folder as a start would and changes nothing; `audit`, when given, gets everything stored, and the checksums
 * of logs are looked at then too. Throws StartError when a process takes the folder meanwhile.
 */
export async function inspectFiles(
  options: InspectOptions,
  audit?: (reader: Reader) => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  const { files, dataDir, now } = options;
  if (needsAdoption(files, dataDir)) return [foreignFolderResult];
  const { term } = readLockState(files, dataDir);
  const findings: CheckResult[] = [];
  try {
    await assertCompatible(files, dataDir, { allowNetwork: true, restoresStoreFile: false });
    const recovered = await recover(openReadOnly(files, dataDir), {
      isThorough: audit !== undefined,
      acceptsLoss: true,
    });
    const { loss } = recovered;
    if (loss !== undefined) findings.push({ check: 'files', status: 'fault', sentence: loss.message });
    const { state } = recovered;
    findings.push(...describeRecovery(recovered), checkClock(state, now));
    if (audit !== undefined) {
      const damaged = damagedSegments(options, state);
      findings.push(...(await checkResultsOf('checksums', 'Every log is as it was written.', damaged)));
      const view = new SnapshotView(state, new LogCache(files, dataDir));
      findings.push(...(await audit(createReader(view, new TransactionScope(), unlimitedRetention))));
    }
  } catch (error) {
    const fault = toFolderError(error, dataDir);
    if (!(fault instanceof StartError)) throw fault;
    findings.push({ check: 'files', status: 'fault', sentence: fault.message });
  }
  if (readLockState(files, dataDir).term === term) return findings;
  throw new StartError(`A process took ${dataDir} while it was checked; check again.`);
}

async function* damagedSegments(
  { files, dataDir }: InspectOptions,
  { logs }: StoredState,
): AsyncGenerator<string> {
  for (const { folder, segments } of logs.values()) {
    for (const segment of segments) {
      const file = `${folder}/${segment.name}`;
      if (await isSegmentIntact(files, `${dataDir}/${file}`, segment)) continue;
      yield `${file} does not match its checksum; restore the file or a backup.`;
    }
  }
}

function describeRecovery({ state, snapshot, replayed, tornTails }: RecoveryResult): readonly CheckResult[] {
  const check = 'files';
  const held = `${state.size} entities and ${state.logs.size} logs, up to transaction ${state.tx}`;
  const read = snapshot === undefined ? 'all entity files' : 'one file in place of all entity files';
  const sentence = `They hold ${held}. The next start reads ${read}.`;
  const found: CheckResult[] = [{ check, status: 'ok', sentence }];
  for (const { file, line } of tornTails) {
    const sentence = `${file}, line ${line}: the journal has an unfinished end, which was never acknowledged.`;
    found.push({ check, status: 'warning', sentence: `${sentence} The next start drops it.` });
  }
  if (replayed.length === 0) return found;
  const behind = `The entity files are ${replayed.length} transactions behind the journal, as the last stop was none or had no time; the next start writes them.`;
  return [...found, { check, status: 'warning', sentence: behind }];
}

/** Whether the clock is where it was when the newest line was written, or later. */
function checkClock({ logs }: StoredState, now: number): CheckResult {
  let newest = 0;
  for (const log of logs.values()) newest = Math.max(newest, log.newest);
  const behind = Math.round((newest - now) / 1000);
  if (behind <= 60) return { check: 'clock', status: 'ok', sentence: 'It is not behind anything stored.' };
  const sentence = `It is ${behind} s behind the newest change: set the clock of this machine.`;
  return { check: 'clock', status: 'warning', sentence };
}

import { randomBytes } from 'node:crypto';
import { StartError } from '../../../domain/start-error.ts';
import {
  type CheckpointRecord,
  encodeLogSummary,
  parseCheckpointRecord,
} from '../checkpoint/checkpoint-record.ts';
import { loadEntities, type StrayFile } from '../checkpoint/entity-files.ts';
import { classifyFolder } from '../checkpoint/folder-contents.ts';
import { readSnapshot } from '../checkpoint/snapshot.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import type { ReadableFolder } from '../folder/owned-folder.ts';
import { entityPath, layout } from '../folder/store-layout.ts';
import { type JournalEntry, JournalReader, type TornTail } from '../journal/journal-reader.ts';
import { encodeTransaction } from '../journal/transaction-record.ts';
import { LogFile } from '../logs/log-file.ts';
import { entityId } from '../records/any-entity.ts';
import { StoredState } from '../state/stored-state.ts';
import { type ExternalEdits, loadSnapshot, rejectExternalEdits } from './external-edits-scan.ts';

/** What a data folder held. */
export interface RecoveryResult {
  /** Whether there is a snapshot that the files are as, undefined when they were read in its place. */
  readonly snapshot: 'exact' | 'touched' | undefined;
  readonly state: StoredState;
  /** The parts of the note that tell of logs, by their folders. */
  readonly logSummaries: Map<string, string>;
  /** The newest transaction that the files are complete with, and the JSON of those that are in the journal only. */
  readonly checkpointTx: number;
  /** The sum of all entities that the record of the checkpoint has, undefined when they are not as it says. */
  readonly checkpointSum: number | undefined;
  /** What is to be said when entities are missing, or are there in another version than was committed. */
  readonly loss: DamageError | undefined;
  readonly replayed: readonly string[];
  readonly tornTails: readonly TornTail[];
  /** The first segment of the journal that the note needs. */
  readonly firstJournalSegment: string | null;
}

/** The folder for somebody who only looks: what a start would tidy up is left. */
export function openReadOnly(files: FileSystem, root: string): ReadableFolder {
  return { files, root, at: (path) => `${root}/${path}`, removeListed: async () => {} };
}

/** How a folder is recovered. */
export interface RecoverOptions {
  /** The last transaction that is wanted: it is another history then, with an epoch of its own. */
  readonly endTx?: number | undefined;
  /** Gets what was edited by hand, which is refused otherwise. */
  readonly onExternalEdits?: ((edits: ExternalEdits) => void) | undefined;
  /** Whether entities may be missing, or be there in another version than was committed. */
  readonly acceptsLoss?: boolean;
  /** Whether every entity file is read, even where there is a snapshot and they seem untouched. */
  readonly isThorough?: boolean;
}

/**
 * Brings everything stored into memory: the files as the checkpoint left them, or as a snapshot has them, then the
 * journal after it. What was replayed is dirty. Throws DamageError rather than guess, and StartError when there is no
 * such end or files were edited.
 */
export async function recover(
  folder: ReadableFolder,
  {
    endTx,
    onExternalEdits = rejectExternalEdits,
    isThorough = false,
    acceptsLoss = false,
  }: RecoverOptions = {},
): Promise<RecoveryResult> {
  const { files, root } = folder;
  const note = readCheckpointRecord(folder);
  // The first start writes it before anything can be committed.
  if (note === undefined && classifyFolder(files, root).what !== 'new') {
    throw new DamageError({ file: layout.checkpoint }, 'the file is missing');
  }
  const epoch = endTx === undefined ? note?.epoch : undefined;
  const state = new StoredState(epoch ?? randomBytes(16).toString('hex'), note?.tx ?? 0);
  if (endTx !== undefined && endTx < state.tx) throw endTooEarlyError(endTx, state.tx);
  const snapshot = readSnapshot(files, root, note);
  const edits = snapshot && (await loadSnapshot(folder, snapshot, state, isThorough));
  const strays = edits === undefined ? await loadEntities(folder, state) : [];
  const described = loadLogs(note, state);
  const noted = state.tx;
  // Where nothing of it is wanted, it may be damaged from its first byte on.
  const reader = endTx === noted ? undefined : new JournalReader(files, root, note?.journal ?? null, noted);
  state.countSum();
  const { touched, replayed, sum = note?.sum } = replay(reader?.entries(endTx) ?? [], state);
  const loss = sum === undefined || Number.isNaN(sum) || sum === state.sum ? undefined : lossError();
  if (loss !== undefined && !acceptsLoss) throw loss;
  if (endTx !== undefined && endTx > state.tx) throw endTooLateError(endTx, state.tx);
  resolveStrayFiles(strays, state, touched);
  if (edits !== undefined) handleExternalEdits(edits, state, onExternalEdits);
  assertSegmentsComplete(folder, state);
  return {
    snapshot: edits && (edits.isUntouched ? 'exact' : 'touched'),
    state,
    logSummaries: described,
    checkpointTx: noted,
    checkpointSum: loss === undefined ? note?.sum : undefined,
    loss,
    replayed,
    tornTails: reader?.tornTails ?? [],
    firstJournalSegment: note?.journal ?? null,
  };
}

function lossError(): DamageError {
  return new DamageError(
    { file: 'entity files' },
    'some are missing, or older than what was committed',
    undefined,
    'Run "maestro-server check --verify", which names them. Put them back, or restore a backup into another folder: maestro-server restore FILE; or go on without them: maestro-server check --accept-edits.',
  );
}

function endTooEarlyError(end: number, noted: number): StartError {
  return new StartError(
    `The files are complete with transaction ${noted} and cannot go back to ${end}; restore a backup for that.`,
  );
}

function endTooLateError(end: number, last: number): StartError {
  return new StartError(
    `The journal ends with transaction ${last}, before ${end}; there is nothing behind it.`,
  );
}

function readCheckpointRecord(folder: ReadableFolder): CheckpointRecord | undefined {
  const text = folder.files.readText(folder.at(layout.checkpoint));
  if (text === undefined) return undefined;
  try {
    return parseCheckpointRecord(text);
  } catch (error) {
    throw new DamageError({ file: layout.checkpoint }, 'it does not say how far the files reach', error);
  }
}

function loadLogs(note: CheckpointRecord | undefined, state: StoredState): Map<string, string> {
  const described = new Map<string, string>();
  for (const [folder, { last, segments }] of Object.entries(note?.logs ?? {})) {
    const log = new LogFile(folder, segments, last);
    state.logs.set(folder, log);
    described.set(folder, encodeLogSummary(log));
  }
  return described;
}

/** Makes the changes of the journal; returns their JSON, and the kind and id of each entity that they are about. */
function replay(entries: Iterable<JournalEntry>, state: StoredState) {
  const replayed: string[] = [];
  let sum: number | undefined;
  const touched = new Set<string>();
  for (const { record, file, line } of entries) {
    const lastTx = state.tx;
    try {
      state.apply(record);
    } catch (error) {
      const what = error instanceof Error ? error.message : 'it does not follow';
      throw new DamageError({ file, line, lastTx }, what, error);
    }
    replayed.push(encodeTransaction(record));
    sum = record.sum ?? Number.NaN;
    for (const change of record.changes) {
      if (change[0] === 'put') touched.add(`${change[1]} ${entityId(change[1], change[2])}`);
      else if (change[0] === 'delete') touched.add(`${change[1]} ${change[2]}`);
    }
  }
  return { touched, replayed, sum };
}

/** A file out of place is left of an interrupted checkpoint when the journal changes its entity, else damage. */
function resolveStrayFiles(
  strays: readonly StrayFile[],
  state: StoredState,
  touched: ReadonlySet<string>,
): void {
  for (const { kind, id, path } of strays) {
    if (!touched.has(`${kind} ${id}`)) {
      throw new DamageError({ file: path }, 'the same entity is elsewhere, or belongs there');
    }
    const entity = state.table(kind).get(id);
    if (entity === undefined || entityPath(kind, entity) !== path) state.dirty.markDeleted(path);
  }
}

/** What is gone is written again; the other files stay as they are until what they say is committed. */
function handleExternalEdits(
  edits: ExternalEdits,
  state: StoredState,
  onEdits: (edits: ExternalEdits) => void,
): void {
  if (edits.changed.length + edits.added.length === 0) return;
  onEdits(edits);
  for (const { kind, entity, text } of edits.changed) {
    const now = text === undefined ? state.table(kind).get(entityId(kind, entity)) : undefined;
    if (now !== undefined) state.dirty.markChanged(entityPath(kind, now), now);
  }
}

function assertSegmentsComplete(folder: ReadableFolder, state: StoredState): void {
  for (const log of state.logs.values()) {
    for (const { name, bytes } of log.segments) {
      const file = `${log.folder}/${name}`;
      const found = folder.files.stat(folder.at(file));
      if (found === undefined) throw new DamageError({ file }, 'the file is missing');
      if (found.isFolder) throw new DamageError({ file }, 'it is a folder, not a file');
      if (found.bytes < bytes) throw new DamageError({ file }, `it ends at byte ${found.bytes} of ${bytes}`);
    }
  }
}

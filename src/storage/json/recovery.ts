import { randomBytes } from 'node:crypto';
import { StartError } from '../../application/start-error.ts';
import { type CheckpointNote, noteOfLog, parseNote } from './checkpoint-note.ts';
import { DamageError } from './damage.ts';
import { loadEntities, type StrayFile } from './entity-files.ts';
import type { FileSystem } from './file-system.ts';
import { type JournalEntry, JournalReader, type TornTail } from './journal-reader.ts';
import { LogFile } from './log-file.ts';
import type { ReadFolder } from './owned-folder.ts';
import { type Edits, readSnapshot, takeSnapshot } from './snapshot.ts';
import { entityPath, layout } from './store-layout.ts';
import { idOf } from './stored-kind.ts';
import { StoredState } from './stored-state.ts';
import { encodeTransaction } from './transaction-record.ts';

/** What a data folder held. */
export interface Recovered {
  /** Whether entities came from the snapshot and not from their files. */
  readonly isSnapshot: boolean;
  readonly state: StoredState;
  /** The parts of the note that tell of logs, by their folders. */
  readonly described: Map<string, string>;
  /** The newest transaction that the files are complete with, and the JSON of those that are in the journal only. */
  readonly noted: number;
  readonly replayed: readonly string[];
  readonly tornTails: readonly TornTail[];
  /** The first segment of the journal that the note needs. */
  readonly journal: string | null;
}

/** The folder for somebody who only looks: what a start would tidy up is left. */
export function lookInto(files: FileSystem, root: string): ReadFolder {
  return { files, root, at: (path) => `${root}/${path}`, removeListed: async () => {} };
}

/**
 * Brings everything stored into memory: the files as the checkpoint left them, then the journal after it, or of that
 * only what comes up to transaction `end`: it is another history then, with an epoch of its own. What was replayed is
 * dirty. Throws DamageError rather than guess, and StartError when there is no such end.
 */
export async function recover(
  folder: ReadFolder,
  end?: number,
  onEdits: (edits: Edits) => void = refuseEdits,
): Promise<Recovered> {
  const { files, root } = folder;
  const note = readNote(folder);
  const epoch = end === undefined ? note?.epoch : undefined;
  const state = new StoredState(epoch ?? randomBytes(16).toString('hex'), note?.tx ?? 0);
  if (end !== undefined && end < state.tx) throw noWayBack(end, state.tx);
  const snapshot = readSnapshot(files, root, note);
  const strays = snapshot === undefined ? await loadEntities(folder, state) : [];
  if (snapshot !== undefined) {
    const edits = await takeSnapshot(folder, snapshot, state);
    if (edits.changed.length + edits.added.length > 0) onEdits(edits);
    // They are written as they were, until what was edited is committed.
    for (const { path, entity } of edits.changed) state.dirty.changed(path, entity);
  }
  if (note === undefined && state.size + strays.length > 0) {
    throw new DamageError({ file: layout.checkpoint }, 'the file is missing beside entity files');
  }
  const described = loadLogs(note, state);
  const noted = state.tx;
  // Where nothing of it is wanted, it may be damaged from its first byte on.
  const reader = end === noted ? undefined : new JournalReader(files, root, note?.journal ?? null, noted);
  const { touched, replayed } = replay(reader?.entries(end) ?? [], state);
  if (end !== undefined && end > state.tx) throw noWayOn(end, state.tx);
  settleStrays(strays, state, touched);
  assertSegments(folder, state);
  return {
    isSnapshot: snapshot !== undefined,
    state,
    described,
    noted,
    replayed,
    tornTails: reader?.tornTails ?? [],
    journal: note?.journal ?? null,
  };
}

function refuseEdits({ changed, added }: Edits): never {
  const paths = [...changed.map(({ path }) => path), ...added];
  const more = paths.length > 20 ? `, and ${paths.length - 20} more` : '';
  throw new EditedError(
    `Entity files were edited while no server used them: ${paths.slice(0, 20).join(', ')}${more}. Put them back as they were, or take the edits in with "maestro-server check --accept-edits".`,
  );
}

/** Somebody edited entity files. */
class EditedError extends StartError {}

function noWayBack(end: number, noted: number): StartError {
  return new StartError(
    `The files are complete with transaction ${noted} and cannot go back to ${end}; restore a backup for that.`,
  );
}

function noWayOn(end: number, last: number): StartError {
  return new StartError(
    `The journal ends with transaction ${last}, before ${end}; there is nothing behind it.`,
  );
}

function readNote(folder: ReadFolder): CheckpointNote | undefined {
  const text = folder.files.readText(folder.at(layout.checkpoint));
  if (text === undefined) return undefined;
  try {
    return parseNote(text);
  } catch (error) {
    throw new DamageError({ file: layout.checkpoint }, 'it does not say how far the files reach', error);
  }
}

function loadLogs(note: CheckpointNote | undefined, state: StoredState): Map<string, string> {
  const described = new Map<string, string>();
  for (const [folder, { last, segments }] of Object.entries(note?.logs ?? {})) {
    const log = new LogFile(folder, segments, last);
    state.logs.set(folder, log);
    described.set(folder, noteOfLog(log));
  }
  return described;
}

/** Makes the changes of the journal; returns their JSON, and the kind and id of each entity that they are about. */
function replay(entries: Iterable<JournalEntry>, state: StoredState) {
  const replayed: string[] = [];
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
    for (const change of record.changes) {
      if (change[0] === 'put') touched.add(`${change[1]} ${idOf(change[1], change[2])}`);
      else if (change[0] === 'delete') touched.add(`${change[1]} ${change[2]}`);
    }
  }
  return { touched, replayed };
}

/** A file out of place is left of an interrupted checkpoint when the journal changes its entity, else damage. */
function settleStrays(strays: readonly StrayFile[], state: StoredState, touched: ReadonlySet<string>): void {
  for (const { kind, id, path } of strays) {
    if (!touched.has(`${kind} ${id}`)) {
      throw new DamageError({ file: path }, 'the same entity is elsewhere, or belongs there');
    }
    const entity = state.table(kind).get(id);
    if (entity === undefined || entityPath(kind, entity) !== path) state.dirty.gone(path);
  }
}

function assertSegments(folder: ReadFolder, state: StoredState): void {
  for (const log of state.logs.values()) {
    for (const { name, bytes } of log.segments) {
      const file = `${log.folder}/${name}`;
      const found = folder.files.stat(folder.at(file))?.bytes;
      if (found === undefined) throw new DamageError({ file }, 'the file is missing');
      if (found < bytes) throw new DamageError({ file }, `it ends at byte ${found} of ${bytes}`);
    }
  }
}

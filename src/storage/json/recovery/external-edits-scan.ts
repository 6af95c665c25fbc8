import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { EntityOf, Kind } from '../../../application/store/collections.ts';
import { StartError } from '../../../domain/start-error.ts';
import { isDeepEqual } from '../../../domain/values/immutable.ts';
import { isEntityFile } from '../checkpoint/entity-files.ts';
import { type FolderTimes, readFolderTimes, type Snapshot } from '../checkpoint/snapshot.ts';
import type { ReadableFolder } from '../folder/owned-folder.ts';
import { isTemporaryFile } from '../folder/store-layout.ts';
import type { StoredState } from '../state/stored-state.ts';

const maxNamedFiles = 20;

/** An entity file that is not as the store wrote it. */
export interface EditedFile {
  readonly kind: Kind;
  /** What the file said. */
  readonly entity: EntityOf<Kind>;
  readonly path: string;
  /** What it says now, undefined when it is gone. */
  readonly text: string | undefined;
}

/** What somebody did to the files of entities while no server used them. */
export interface ExternalEdits {
  readonly changed: readonly EditedFile[];
  /** Entity files that were not there. */
  readonly added: readonly string[];
  /** Whether every file is as the snapshot says, not even touched. */
  readonly isUntouched: boolean;
}

/**
 * Puts the entities of the snapshot into the state, and tells which of their files are not as they were: those that
 * were touched and say something else, or, when it is `thorough`, all that do. What interrupted exchanges of files left
 * behind is removed.
 */
export async function loadSnapshot(
  read: ReadableFolder,
  snapshot: Snapshot,
  state: StoredState,
  thorough: boolean,
): Promise<ExternalEdits> {
  const paths = snapshot.files.flatMap((files) => files.paths);
  const [stats] = await Promise.all([
    read.files.statAll(paths.map((path) => read.at(path))),
    putEntities(state, snapshot),
  ]);
  const touched = paths.filter(differsFromSnapshot(snapshot, stats));
  const suspects = findChangedFolders(readFolderTimes(read.files, read.root), snapshot.folders);
  return {
    changed: findEditedFiles(thorough ? paths : touched, read, state),
    added: suspects.length === 0 ? [] : await findAddedFiles(read, suspects, new Set(paths)),
    isUntouched: touched.length + suspects.length === 0,
  };
}

async function putEntities(state: StoredState, snapshot: Snapshot): Promise<void> {
  for (const { kind, entities } of snapshot.rows()) {
    const table: { put(entity: EntityOf<Kind>): unknown } = state.table(kind);
    for (const entity of entities) table.put(entity);
    await setImmediate();
  }
}

/** Whether the file at an index is not as the snapshot says. */
function differsFromSnapshot(snapshot: Snapshot, now: Float64Array): (_: string, i: number) => boolean {
  const then = Float64Array.from(snapshot.files.flatMap(({ stats }) => stats));
  return (_, i) => then[2 * i] !== now[2 * i] || then[2 * i + 1] !== now[2 * i + 1];
}

function findEditedFiles(paths: readonly string[], { files, root }: ReadableFolder, state: StoredState) {
  const edited: EditedFile[] = [];
  for (const path of paths) {
    // The path of an entity begins with its kind and ends with its id.
    const kind = path.slice(0, path.indexOf('/')) as Kind;
    const entity = state.table(kind).get(posix.basename(path, '.json'));
    if (entity === undefined) continue;
    const text = files.readText(`${root}/${path}`);
    if (!holdsEntity(text, entity)) edited.push({ kind, entity, path, text });
  }
  return edited;
}

function holdsEntity(text: string | undefined, entity: EntityOf<Kind>): boolean {
  try {
    return text !== undefined && isDeepEqual(JSON.parse(text), entity);
  } catch {
    return false;
  }
}

/** The folders in which names came or went since. */
function findChangedFolders(now: FolderTimes, then: FolderTimes): string[] {
  const folders = new Set([...Object.keys(now), ...Object.keys(then)]);
  return [...folders].filter((folder) => now[folder] !== then[folder]);
}

async function findAddedFiles(
  read: ReadableFolder,
  folders: readonly string[],
  known: ReadonlySet<string>,
): Promise<string[]> {
  const strangers: string[] = [];
  for (const folder of folders) {
    for (const { name } of read.files.list(read.at(folder))) {
      const path = `${folder}/${name}`;
      if (isTemporaryFile(name)) await read.removeListed(path);
      else if (isEntityFile(name) && !known.has(path)) strangers.push(path);
    }
  }
  return strangers;
}

/** Throws StartError that names the files. */
export function rejectExternalEdits({ changed, added }: ExternalEdits): never {
  const named = [
    ...changed.map(({ path, text }) => (text === undefined ? `${path} (gone)` : path)),
    ...added.map((path) => `${path} (new)`),
  ];
  const more = named.length > maxNamedFiles ? `, and ${named.length - maxNamedFiles} more` : '';
  throw new StartError(
    `Entity files were edited while no server used them: ${named.slice(0, maxNamedFiles).join(', ')}${more}. Put them back as they were, or take the edits in with --accept-edits.`,
  );
}

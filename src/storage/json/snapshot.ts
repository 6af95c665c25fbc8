import { type EntityOf, type Kind, kinds } from '../../application/collections.ts';
import { sameValue } from '../../domain/entity.ts';
import type { CheckpointNote } from './checkpoint-note.ts';
import { isEntityFile } from './entity-files.ts';
import type { FileSystem } from './file-system.ts';
import { decodeLine, encodeLine, splitLines } from './journal-line.ts';
import type { OwnedFolder, ReadFolder } from './owned-folder.ts';
import { entityPath, isLitter } from './store-layout.ts';
import type { StoredState } from './stored-state.ts';

const folderName = 'cache';
const fileName = `${folderName}/snapshot.ndjson`;
const draftName = `${folderName}/snapshot.new`;
const perLine = 500;

/** The first line: with which transaction of which history the files were exact, and when their folders were touched. */
interface Head {
  readonly tx: number;
  readonly epoch: string;
  readonly folders: Readonly<Record<string, number>>;
}

/** Entities of one kind, and for each how many bytes its file has and when that was touched. */
interface Rows {
  readonly kind: Kind;
  readonly stats: readonly number[];
  readonly entities: readonly EntityOf<Kind>[];
}

/** Every entity as its file held it at a clean stop: one file that is read instead of all of them. It may go at any time. */
export interface Snapshot {
  readonly head: Head;
  readonly rows: readonly Rows[];
}

/** The snapshot that was made when the files were as the note says, undefined when there is none, or no whole one. */
export function readSnapshot(
  files: FileSystem,
  root: string,
  note: CheckpointNote | undefined,
): Snapshot | undefined {
  const bytes = note === undefined ? undefined : files.read(`${root}/${fileName}`);
  if (bytes === undefined) return undefined;
  const lines: unknown[] = [];
  for (const { line, torn } of splitLines(bytes)) {
    const value = torn ? undefined : decodeLine(line);
    if (value === undefined) return undefined;
    lines.push(value);
    // Written for another state of the files: not worth reading on.
    if (lines.length === 1 && !isOf(value as Head, note)) return undefined;
  }
  const end = lines.pop() as { readonly end?: number } | undefined;
  if (end?.end !== lines.length) return undefined;
  const [head, ...rows] = lines as [Head, ...Rows[]];
  return { head, rows };
}

function isOf({ tx, epoch }: Head, note: CheckpointNote | undefined): boolean {
  return tx === note?.tx && epoch === note.epoch;
}

/** Writes the snapshot of a state that the files are exact with, beside which nothing changes them any more. */
export async function writeSnapshot(folder: OwnedFolder, state: StoredState): Promise<void> {
  const { files } = folder;
  const head: Head = { tx: state.tx, epoch: state.epoch, folders: foldersOf(files, folder.root) };
  await folder.discard(draftName);
  const file = await folder.create(draftName);
  try {
    let lines = 1;
    await file.append(encodeLine(JSON.stringify(head)));
    for (const kind of kinds) {
      let rows: { kind: Kind; stats: number[]; entities: EntityOf<Kind>[] } = {
        kind,
        stats: [],
        entities: [],
      };
      const flush = async () => {
        if (rows.entities.length === 0) return;
        await file.append(encodeLine(JSON.stringify(rows)));
        lines += 1;
        rows = { kind, stats: [], entities: [] };
      };
      for (const entity of state.table(kind).values()) {
        const stat = files.stat(folder.at(entityPath(kind, entity)));
        rows.stats.push(stat?.bytes ?? -1, stat?.touchedAt ?? -1);
        rows.entities.push(entity);
        if (rows.entities.length >= perLine) await flush();
      }
      await flush();
    }
    await file.append(encodeLine(JSON.stringify({ end: lines })));
    await file.sync();
  } finally {
    await file.close();
  }
  await folder.move(draftName, fileName);
  await folder.sync();
}

/** Takes the snapshot away, on the disk itself too: from here on files change. */
export async function dropSnapshot(folder: OwnedFolder): Promise<void> {
  if (folder.files.stat(folder.at(fileName)) === undefined) return;
  await folder.discard(fileName);
  await folder.files.syncFolder(folder.at(folderName));
}

/** Whether there is one. */
export function hasSnapshot(folder: OwnedFolder): boolean {
  return folder.files.stat(folder.at(fileName)) !== undefined;
}

/** What somebody did to the files of entities while no server used them. */
export interface Edits {
  /** Files that are not as they were, and files that are gone. */
  readonly changed: readonly {
    readonly kind: Kind;
    readonly entity: EntityOf<Kind>;
    readonly path: string;
  }[];
  /** Names in folders that were not there. */
  readonly added: readonly string[];
}

/**
 * Puts the entities of the snapshot into the state, and tells which of their files are not as they were. What
 * interrupted exchanges of files left behind is removed.
 */
export async function takeSnapshot(read: ReadFolder, snapshot: Snapshot, state: StoredState): Promise<Edits> {
  const { files, root } = read;
  const changed: Edits['changed'][number][] = [];
  const touched = foldersOf(files, root);
  const suspect = [...new Set([...Object.keys(touched), ...Object.keys(snapshot.head.folders)])].filter(
    (folder) => touched[folder] !== snapshot.head.folders[folder],
  );
  const known = new Set<string>();
  for (const { kind, stats, entities } of snapshot.rows) {
    const table = state.table(kind);
    for (let i = 0; i < entities.length; i++) {
      const entity = entities[i] as EntityOf<Kind>;
      const path = entityPath(kind, entity);
      const stat = files.stat(`${root}/${path}`);
      table.put(entity as never);
      if (suspect.length > 0) known.add(path);
      if (stat?.bytes === stats[2 * i] && stat?.touchedAt === stats[2 * i + 1]) continue;
      changed.push({ kind, entity, path });
    }
  }
  const added: string[] = [];
  for (const folder of suspect) {
    for (const { name } of files.list(`${root}/${folder}`)) {
      const path = `${folder}/${name}`;
      if (isLitter(name)) await read.removeListed(path);
      else if (isEntityFile(name) && !known.has(path)) added.push(path);
    }
  }
  return { changed: changed.filter((one) => !isSame(files, root, one)), added };
}

/** A file that was only touched, as by a copy of the folder, is as it was. */
function isSame(files: FileSystem, root: string, { path, entity }: Edits['changed'][number]): boolean {
  try {
    return sameValue(JSON.parse(files.readText(`${root}/${path}`) ?? 'null'), entity);
  } catch {
    return false;
  }
}

function foldersOf(files: FileSystem, root: string): Record<string, number> {
  const folders: Record<string, number> = {};
  const note = (folder: string) => {
    const touchedAt = files.stat(`${root}/${folder}`)?.touchedAt;
    if (touchedAt !== undefined) folders[folder] = touchedAt;
  };
  for (const kind of kinds) {
    note(kind);
    if (kind !== 'tasks') continue;
    for (const { name, isFolder } of files.list(`${root}/${kind}`)) if (isFolder) note(`${kind}/${name}`);
  }
  return folders;
}

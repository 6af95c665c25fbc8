import { isAscii } from 'node:buffer';
import { type EntityOf, type Kind, kinds } from '../../../application/store/collections.ts';
import { encodeLine, extractJson, hasValidChecksum, splitLines } from '../disk/checksummed-line.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import type { OwnedFolder } from '../folder/owned-folder.ts';
import { entityPath, layout } from '../folder/store-layout.ts';
import type { StoredState } from '../state/stored-state.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';

/** Where the snapshot is. */
export const snapshotPath = `${layout.cache}/snapshot.ndjson`;
const temporaryName = `${layout.cache}/snapshot.new`;
const format = 1;
const entitiesPerLine = 500;
/** Node reads no file of 2 GiB as a whole. */
const maxBytes = 1024 ** 3;
/** No file is like that. */
const missingFile = { bytes: -1, touchedAt: -1 };

/** The first line: with which transaction of which history the files were exact, and when their folders were touched. */
interface SnapshotHeader {
  readonly format: number;
  readonly tx: number;
  readonly epoch: string;
  readonly folders: FolderTimes;
}

/** The last line: how many lines are between it and the first, and how many of those are about files. */
interface SnapshotFooter {
  readonly end: number;
  readonly files: number;
}

/** When each folder of entity files was touched. */
export type FolderTimes = Readonly<Record<string, number>>;

/** The files of some entities; for each, one after the other, how many bytes it has and when it was touched. */
interface FileStats {
  readonly paths: readonly string[];
  readonly stats: readonly number[];
}

/** Some entities of one kind. */
export interface SnapshotRows {
  readonly kind: Kind;
  readonly entities: readonly EntityOf<Kind>[];
}

/** Every entity as its file held it at a clean stop: one file that is read instead of all of them. It may go at any time. */
export interface Snapshot {
  readonly folders: FolderTimes;
  readonly files: readonly FileStats[];
  /** The entities, part by part. */
  rows(): Iterable<SnapshotRows>;
}

/** The snapshot that was made when the files were as the note says, undefined when there is none, or no whole one. */
export function readSnapshot(
  files: FileSystem,
  root: string,
  note: CheckpointRecord | undefined,
): Snapshot | undefined {
  const bytes = note === undefined ? undefined : tryRead(files, `${root}/${snapshotPath}`);
  if (bytes === undefined) return undefined;
  const lines: Uint8Array[] = [];
  for (const { line, torn } of splitLines(bytes)) {
    if (torn || !hasValidChecksum(line)) return undefined;
    // Made for another state of the files: not worth reading on.
    if (lines.length === 0 && !matchesCheckpoint(parseLine(line) as SnapshotHeader, note)) return undefined;
    lines.push(line);
  }
  const [first, ...rest] = lines;
  const last = rest.pop();
  if (first === undefined || last === undefined) return undefined;
  const { end, files: count } = parseLine(last) as Partial<SnapshotFooter>;
  if (end !== rest.length || count === undefined) return undefined;
  return {
    folders: (parseLine(first) as SnapshotHeader).folders,
    files: rest.slice(0, count).map((line) => parseLine(line) as FileStats),
    *rows() {
      for (const line of rest.slice(count)) yield parseLine(line) as SnapshotRows;
    },
  };
}

/** What cannot be read is as good as not there: the entity files have everything. */
function tryRead(files: FileSystem, path: string): Uint8Array | undefined {
  try {
    return files.read(path);
  } catch {
    return undefined;
  }
}

/** Throws DamageError when the files were in another state later than the record says. */
function matchesCheckpoint(
  { format: version, tx, epoch }: SnapshotHeader,
  note: CheckpointRecord | undefined,
): boolean {
  if (version !== format || note === undefined || epoch !== note.epoch) return false;
  if (tx > note.tx) {
    throw new DamageError({ file: layout.checkpoint }, `it is older than ${snapshotPath}`);
  }
  return tx === note.tx;
}

/** What a whole line says. It was written here, so that it is what it should be. */
function parseLine(line: Uint8Array): unknown {
  const json = extractJson(line);
  // Twice as fast to decode, and most of the time of a start goes into this.
  return JSON.parse(json.toString(isAscii(json) ? 'latin1' : 'utf8'));
}

/**
 * Writes the snapshot of a state that the files are exact with, beside which nothing changes them any more. Throws
 * having harmed nothing.
 */
export async function writeSnapshot(
  folder: OwnedFolder,
  state: StoredState,
  signal?: AbortSignal,
): Promise<void> {
  await folder.discard(temporaryName);
  const file = await folder.create(temporaryName);
  let bytes = 0;
  const append = async (value: unknown) => {
    signal?.throwIfAborted();
    const line = encodeLine(JSON.stringify(value));
    bytes += line.length;
    if (bytes > maxBytes) throw new RangeError('The snapshot would be larger than what can be read.');
    await file.append(line);
  };
  try {
    const { tx, epoch } = state;
    await append({
      format,
      tx,
      epoch,
      folders: readFolderTimes(folder.files, folder.root),
    } satisfies SnapshotHeader);
    const end = { end: 0, files: 0 };
    for (const files of snapshotFiles(folder, state)) {
      await append(files);
      end.files++;
      end.end++;
    }
    for (const rows of snapshotRows(state)) {
      await append(rows);
      end.end++;
    }
    await append(end satisfies SnapshotFooter);
    await file.sync();
  } finally {
    await file.close();
  }
  await folder.move(temporaryName, snapshotPath);
  await folder.sync();
}

function* snapshotFiles({ files, root }: OwnedFolder, state: StoredState): Generator<FileStats> {
  for (const { kind, entities } of snapshotRows(state)) {
    const paths = entities.map((entity) => entityPath(kind, entity));
    const stats = paths.flatMap((path) => {
      const { bytes, touchedAt } = files.stat(`${root}/${path}`) ?? missingFile;
      return [bytes, touchedAt];
    });
    yield { paths, stats };
  }
}

function* snapshotRows(state: StoredState): Generator<SnapshotRows> {
  for (const kind of kinds) {
    let entities: EntityOf<Kind>[] = [];
    for (const entity of state.table(kind).values()) {
      entities.push(entity);
      if (entities.length < entitiesPerLine) continue;
      yield { kind, entities };
      entities = [];
    }
    if (entities.length > 0) yield { kind, entities };
  }
}

/** Takes the snapshot away, on the disk itself too: from here on files change. */
export async function dropSnapshot(folder: OwnedFolder): Promise<void> {
  if (folder.files.stat(folder.at(layout.cache)) === undefined) return;
  // Where it is gone, whoever took it away may have died before that was synced.
  await folder.discard(snapshotPath);
  await folder.files.syncFolder(folder.at(layout.cache));
}

/** When the folders of entity files were touched. */
export function readFolderTimes(files: FileSystem, root: string): FolderTimes {
  const folders: Record<string, number> = {};
  const note = (folder: string) => {
    const touchedAt = files.stat(`${root}/${folder}`)?.touchedAt;
    if (touchedAt !== undefined) folders[folder] = touchedAt;
  };
  for (const kind of kinds) {
    note(kind);
    for (const { name, isFolder } of files.list(`${root}/${kind}`)) if (isFolder) note(`${kind}/${name}`);
  }
  return folders;
}

import type { FileSystem } from '../disk/file-system.ts';
import {
  isTemporaryFile,
  layout,
  logRoots,
  parseSegmentName,
  parseTermName,
} from '../folder/store-layout.ts';
import { hasBatches } from '../journal/journal-reader.ts';
import { parseCheckpointRecord } from './checkpoint-record.ts';
import { hasEntityFiles } from './entity-files.ts';
import { snapshotPath } from './snapshot.ts';

/** What a data folder holds. */
export type FolderContents =
  /** A store; a folder in which one can begin; or one of another server, also when its adoption has begun. */
  | { readonly what: 'store' | 'new' | 'legacy' }
  /** A store that lost the file which says so; `beside` is a file that only a store has. */
  | { readonly what: 'unnamed'; readonly beside: string }
  /** Nothing of ours, but this file. */
  | { readonly what: 'foreign'; readonly file: string };

/** What may lie in a folder before its first start, or after one that ended early; names with a dot before them too. */
const ignoredNames: readonly string[] = [...Object.values(layout), 'auth', 'server-url', 'lost+found'];

/** Tells what a data folder holds, and changes nothing. Throws what the disk says. */
export function classifyFolder(files: FileSystem, root: string): FolderContents {
  // A file without anything in it says as little as one that is not there.
  if (files.readText(`${root}/${layout.store}`)?.trim()) return { what: 'store' };
  if (isBeingAdopted(files, root)) return { what: 'legacy' };
  const hasEntities = hasEntityFiles(files, root);
  const beside = findTrace(files, root, hasEntities);
  if (beside !== undefined) return { what: 'unnamed', beside };
  if (hasEntities) return { what: 'legacy' };
  const file = findForeignFile(files, root);
  return file === undefined ? { what: 'new' } : { what: 'foreign', file };
}

/** Whether the adoption of the folder has begun and is not done. */
function isBeingAdopted(files: FileSystem, root: string): boolean {
  return [layout.adoption, `${layout.adopted}/${layout.store}`].some(
    (path) => files.stat(`${root}/${path}`) !== undefined,
  );
}

/** A file that only a store has in which something was committed, undefined when there is none. */
function findTrace(files: FileSystem, root: string, hasEntities: boolean): string | undefined {
  const note = files.readText(`${root}/${layout.checkpoint}`);
  if (note !== undefined && !isRecordOfNothing(note)) return layout.checkpoint;
  for (const { name } of files.list(`${root}/${layout.journal}`)) {
    const path = `${layout.journal}/${name}`;
    if (parseSegmentName(name) !== undefined && hasBatches(files.read(`${root}/${path}`))) return path;
  }
  if (files.stat(`${root}/${snapshotPath}`) !== undefined) return snapshotPath;
  for (const folder of logRoots) {
    const segment = findFile(files, root, folder, (name) => parseSegmentName(name) !== undefined);
    if (segment !== undefined) return segment;
  }
  // A first start may have ended before it wrote anything else; no other server takes a term.
  const terms = hasEntities ? files.list(`${root}/${layout.lock}`) : [];
  const term = terms.find(({ name }) => parseTermName(name) !== undefined);
  return term && `${layout.lock}/${term.name}`;
}

/** Whether a record of a checkpoint is that of a first start. */
function isRecordOfNothing(text: string): boolean {
  try {
    const { tx, logs } = parseCheckpointRecord(text);
    return tx === 0 && Object.keys(logs).length === 0;
  } catch {
    return false;
  }
}

function findForeignFile(files: FileSystem, root: string): string | undefined {
  for (const { name, isFolder } of files.list(root)) {
    if (ignoredNames.includes(name) || name.startsWith('.') || isTemporaryFile(name)) continue;
    const isLog = !isFolder && name.endsWith('.log');
    const found = isFolder ? findFile(files, root, name, () => true) : isLog ? undefined : name;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first file below the folder whose name fits. */
function findFile(
  files: FileSystem,
  root: string,
  folder: string,
  fits: (name: string) => boolean,
): string | undefined {
  for (const { name, isFolder } of files.list(`${root}/${folder}`)) {
    const path = `${folder}/${name}`;
    const found = isFolder ? findFile(files, root, path, fits) : fits(name) ? path : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

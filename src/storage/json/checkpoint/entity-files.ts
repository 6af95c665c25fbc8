import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { collectionOf } from '../../../application/store/collection-of.ts';
import { type EntityOf, type Kind, kinds } from '../../../application/store/collections.ts';
import { idPattern } from '../../../domain/values/id.ts';
import { DamageError } from '../disk/damage-error.ts';
import type { FileSystem } from '../disk/file-system.ts';
import type { ReadableFolder } from '../folder/owned-folder.ts';
import { entityPath, isTemporaryFile } from '../folder/store-layout.ts';
import { findSchemaError } from '../records/any-entity.ts';
import type { StoredState } from '../state/stored-state.ts';

const timeSliceMs = 20;

/** An entity file that is not the only one of its entity, or not in its place. */
export interface StrayFile {
  readonly kind: Kind;
  readonly id: string;
  readonly path: string;
}

/** Whether there is any entity file in the folder. */
export function hasEntityFiles(files: FileSystem, root: string): boolean {
  for (const kind of kinds) {
    for (const { name } of listFiles(files, root, kind)) if (isEntityFile(name)) return true;
  }
  return false;
}

/** The folders in which entity files lie. */
export function listEntityFolders(files: FileSystem, root: string): string[] {
  return kinds.flatMap((kind) => {
    const inner = files.list(`${root}/${kind}`).filter(({ isFolder }) => isFolder);
    return [kind, ...inner.map(({ name }) => `${kind}/${name}`)];
  });
}

/**
 * Reads every entity file into the state, and returns those that the journal has to explain. What interrupted exchanges
 * of files left behind is removed. Throws DamageError for a file that cannot be what the store wrote.
 */
export async function loadEntities(read: ReadableFolder, state: StoredState): Promise<StrayFile[]> {
  const { files, root } = read;
  const strays: StrayFile[] = [];
  let sliceEnd = performance.now() + timeSliceMs;
  for (const kind of kinds) {
    for (const { folder, name } of listFiles(files, root, kind)) {
      const path = `${folder}/${name}`;
      if (isTemporaryFile(name)) await read.removeListed(path);
      else if (isEntityFile(name)) loadEntity(files, root, state, kind, path, strays);
      if (performance.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = performance.now() + timeSliceMs;
    }
  }
  return strays;
}

function loadEntity<K extends Kind>(
  files: FileSystem,
  root: string,
  state: StoredState,
  kind: K,
  path: string,
  strays: StrayFile[],
): void {
  const entity = readEntity(files, root, kind, path);
  const id = collectionOf(kind).id(entity);
  if (`${id}.json` !== posix.basename(path)) throw new DamageError({ file: path }, `it holds the id ${id}`);
  const other = state.table(kind).get(id);
  if (entityPath(kind, entity) === path && (other === undefined || other.version < entity.version)) {
    state.table(kind).put(entity);
    if (other !== undefined) strays.push({ kind, id, path: entityPath(kind, other) });
  } else {
    strays.push({ kind, id, path });
  }
}

function readEntity<K extends Kind>(files: FileSystem, root: string, kind: K, path: string): EntityOf<K> {
  let value: unknown;
  try {
    value = JSON.parse(files.readText(`${root}/${path}`) ?? '');
  } catch (error) {
    throw new DamageError({ file: path }, 'it is not JSON', error);
  }
  const fault = findSchemaError(kind, value);
  if (fault !== undefined) throw new DamageError({ file: path }, fault);
  // Its schema has just said so.
  return value as EntityOf<K>;
}

function* listFiles(files: FileSystem, root: string, kind: Kind) {
  const folders: string[] = [kind];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const { name, isFolder } of files.list(`${root}/${folder}`)) {
      if (isFolder && isEntityFile(name)) {
        throw new DamageError({ file: `${folder}/${name}` }, 'it is a folder, not a file');
      }
      if (!isFolder) yield { folder, name };
      else if (folder === kind && collectionOf(kind).folderPerProject) folders.push(`${kind}/${name}`);
    }
  }
}

/** Whether a file of this name is that of an entity. */
export function isEntityFile(name: string): boolean {
  return name.endsWith('.json') && idPattern.test(name.slice(0, -'.json'.length));
}

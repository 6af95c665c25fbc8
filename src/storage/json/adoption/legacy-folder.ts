import { idPattern } from '../../../domain/values/id.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { type LegacyObject, parseObject } from './legacy-value.ts';

/** The kinds that the other server had. */
const legacyKinds = ['projects', 'tasks', 'sessions', 'queues', 'templates'] as const;
export type LegacyKind = (typeof legacyKinds)[number];

/** An entity file of the other server. */
export interface LegacyEntity {
  readonly path: string;
  readonly id: string;
  /** The folder that it lies in below that of its kind, undefined for none. */
  readonly folder: string | undefined;
  readonly value: LegacyObject;
}

/** What the other server left. */
export interface LegacyFolder {
  readonly entities: { readonly [K in LegacyKind]: readonly LegacyEntity[] };
  /** Files that are not taken over, by their paths, and why. */
  readonly quarantined: Map<string, string>;
}

/** Reads every entity file of another server; of several of one entity the newest counts. */
export function readLegacyFolder(files: FileSystem, root: string): LegacyFolder {
  const quarantined = new Map<string, string>();
  const read = (kind: LegacyKind) =>
    newestById([...readEntities(files, root, kind, quarantined)], quarantined);
  return {
    entities: {
      projects: read('projects'),
      tasks: read('tasks'),
      sessions: read('sessions'),
      queues: read('queues'),
      templates: read('templates'),
    },
    quarantined,
  };
}

function* readEntities(
  files: FileSystem,
  root: string,
  kind: LegacyKind,
  quarantined: Map<string, string>,
): Generator<LegacyEntity> {
  const folders: string[] = [kind];
  for (const place of folders) {
    const depth = place.split('/').length - 1;
    for (const { name, isFolder } of files.list(`${root}/${place}`)) {
      const path = `${place}/${name}`;
      if (isFolder) folders.push(path);
      else if (!name.endsWith('.json')) quarantined.set(path, 'it is no entity file');
      else if (depth > (kind === 'tasks' ? 1 : 0)) quarantined.set(path, 'it lies too deep');
      else {
        const id = name.slice(0, -'.json'.length);
        const value = parseObject(files.readText(`${root}/${path}`));
        const own = kind === 'queues' ? value?.sessionId : value?.id;
        if (value === undefined) quarantined.set(path, 'it is no JSON object');
        else if (!idPattern.test(id)) quarantined.set(path, 'its name is no id');
        else if (own !== id) quarantined.set(path, `it holds the id ${JSON.stringify(own)}`);
        else yield { path, id, folder: place.split('/')[1], value };
      }
    }
  }
}

/** One file for each id, whatever the case of its letters. */
function newestById(
  entities: readonly LegacyEntity[],
  quarantined: Map<string, string>,
): readonly LegacyEntity[] {
  const byId = new Map<string, LegacyEntity>();
  for (const entity of entities) {
    const key = entity.id.toLowerCase();
    const other = byId.get(key);
    const [kept, left] =
      other !== undefined && updatedAtOf(other) >= updatedAtOf(entity) ? [other, entity] : [entity, other];
    byId.set(key, kept);
    if (left !== undefined) quarantined.set(left.path, `${kept.path} is newer`);
  }
  return [...byId.values()];
}

function updatedAtOf({ value }: LegacyEntity): number {
  return typeof value.updatedAt === 'number' ? value.updatedAt : 0;
}

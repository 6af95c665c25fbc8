import { idPattern } from '../../../domain/values/id.ts';
import type { FileSystem } from '../disk/file-system.ts';
import { isObject, type OldObject } from './old-value.ts';

/** The kinds that the other server had. */
const oldKinds = ['projects', 'tasks', 'sessions', 'queues', 'templates'] as const;
export type OldKind = (typeof oldKinds)[number];

/** An entity file of the other server. */
export interface OldEntity {
  readonly path: string;
  readonly id: string;
  /** The folder that it lies in below that of its kind, undefined for none. */
  readonly folder: string | undefined;
  readonly value: OldObject;
}

/** What the other server left. */
export interface OldFolder {
  readonly entities: { readonly [K in OldKind]: readonly OldEntity[] };
  /** Files that are not taken over, by their paths, and why. */
  readonly quarantined: Map<string, string>;
}

/** Reads every entity file of another server; of several of one entity the newest counts. */
export function readOldFolder(files: FileSystem, root: string): OldFolder {
  const quarantined = new Map<string, string>();
  const read = (kind: OldKind) => newest([...entitiesOf(files, root, kind, quarantined)], quarantined);
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

function* entitiesOf(
  files: FileSystem,
  root: string,
  kind: OldKind,
  quarantined: Map<string, string>,
): Generator<OldEntity> {
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
        const value = parsed(files.readText(`${root}/${path}`));
        const own = kind === 'queues' ? value?.sessionId : value?.id;
        if (value === undefined) quarantined.set(path, 'it is no JSON object');
        else if (!idPattern.test(id)) quarantined.set(path, 'its name is no id');
        else if (own !== id) quarantined.set(path, `it holds the id ${JSON.stringify(own)}`);
        else yield { path, id, folder: place.split('/')[1], value };
      }
    }
  }
}

function parsed(text: string | undefined): OldObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One file for each id, whatever the case of its letters. */
function newest(entities: readonly OldEntity[], quarantined: Map<string, string>): readonly OldEntity[] {
  const byId = new Map<string, OldEntity>();
  for (const entity of entities) {
    const key = entity.id.toLowerCase();
    const other = byId.get(key);
    const [kept, left] = other !== undefined && age(other) >= age(entity) ? [other, entity] : [entity, other];
    byId.set(key, kept);
    if (left !== undefined) quarantined.set(left.path, `${kept.path} is newer`);
  }
  return [...byId.values()];
}

function age({ value }: OldEntity): number {
  return typeof value.updatedAt === 'number' ? value.updatedAt : 0;
}

import { collectionOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind, LogKind } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';

/** Where things lie in the data folder; every path is relative to it, with `/`. */
export const layout = {
  store: 'store.json',
  checkpoint: 'checkpoint.json',
  journal: 'journal',
  lock: 'lock',
  trash: 'trash',
  /** Where a snapshot lies. */
  cache: 'cache',
  /** What an adoption notes about itself, and the folder with what it made, until that is in place. */
  adoption: 'adopting.json',
  adopted: 'adopted',
} as const;

const logFolders: Readonly<Record<LogKind, string>> = {
  timeline: 'timelines',
  activity: 'activities',
  contents: 'contents',
};

/** The folders in which all logs and streams lie. */
export const logRoots: readonly string[] = [...Object.values(logFolders), 'events'];

/** The file of an entity. Its ids are ids, checked before. */
export function entityPath<K extends Kind>(kind: K, entity: EntityOf<K>): string {
  const { id, project, folderPerProject } = collectionOf(kind);
  const folder = folderPerProject ? `${kind}/${project(entity) ?? 'workspace'}` : kind;
  return `${folder}/${id(entity)}.json`;
}

/** The folder of a log. */
export function logFolder(kind: LogKind, id: string): string {
  return `${logFolders[kind]}/${id}`;
}

/** The folder of a stream of events; a project may be called anything, so projects have a folder of their own. */
export function streamFolder(stream: Stream): string {
  return stream === 'workspace' ? 'events/workspace' : `events/projects/${stream.slice('project:'.length)}`;
}

/** Whether the folder is that of a stream of events. */
export function isStreamFolder(folder: string): boolean {
  return folder.startsWith('events/');
}

/** The name of a file that belongs to one term: `<term>-<number>.ndjson`. */
export function segmentName(term: number, number: number): string {
  return `${zeroPad(term)}-${zeroPad(number)}.ndjson`;
}

/** The term and number of such a file, undefined when the name is none. */
export function parseSegmentName(
  name: string,
): { readonly term: number; readonly number: number } | undefined {
  const [, term, number] = /^([0-9]{8,})-([0-9]{8,})\.ndjson$/.exec(name) ?? [];
  return term === undefined || number === undefined
    ? undefined
    : { term: Number(term), number: Number(number) };
}

/** The file that claims a term. */
export function termPath(term: number): string {
  return `${layout.lock}/term-${zeroPad(term)}`;
}

/** The term that a file of this name claims, undefined when it claims none. */
export function parseTermName(name: string): number | undefined {
  const [, term] = /^term-([0-9]{8,})$/.exec(name) ?? [];
  return term === undefined ? undefined : Number(term);
}

/** What the holder of a term keeps fresh while it runs. */
export function heartbeatPath(term: number): string {
  return `${layout.lock}/owner-${zeroPad(term)}.lock`;
}

/** The newest term that one of these names of claims and segments belongs to; 0 when none does. */
export function newestTerm(names: readonly string[]): number {
  return names.reduce((newest, name) => {
    return Math.max(newest, parseTermName(name) ?? parseSegmentName(name)?.term ?? 0);
  }, 0);
}

/** The term that wrote a note, 0 when it does not say so; cheap, as only the beginning is looked at. */
export function termOfNote(text: string): number {
  return Number(/"term":([0-9]+)/.exec(text.slice(0, 200))?.[1] ?? 0);
}

/** The folder that a term's deletions are moved to. */
export function trashFolder(term: number): string {
  return `${layout.trash}/${zeroPad(term)}`;
}

/** Whether a file is what an interrupted exchange of a file left behind. */
export function isTemporaryFile(name: string): boolean {
  return /(\.json|^term-[0-9]{8,})\.[0-9]+$/.test(name);
}

function zeroPad(number: number): string {
  return String(number).padStart(8, '0');
}

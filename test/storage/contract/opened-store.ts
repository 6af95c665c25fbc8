import { onTestFinished } from 'vitest';
import type { EntityOf, Kind, LogKind } from '../../../src/application/store/collections.ts';
import type {
  EventRecord,
  LogReader,
  LogRepository,
  Reader,
  Repository,
  Store,
  Transaction,
} from '../../../src/application/store/store.ts';
import { type Stream, streamOf } from '../../../src/domain/channel.ts';
import { sampleProject, samples } from '../../support/samples.ts';
import { otherProject } from '../../support/variants.ts';
import { anyCollection } from './any-collection.ts';

/** A store under test, with nothing in it. */
export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens another on what it left; absent when it leaves nothing. */
  readonly reopen?: () => Promise<Store>;
  /** Closes whichever is open and takes everything away. */
  readonly close: () => Promise<void>;
}

/** Opens an empty store; without a retention it keeps what the defaults say. */
export type OpenStore = (options: {
  readonly retention?: { readonly events: number; readonly ageMs: number };
}) => Promise<OpenedStore>;

/** Opens a store for the running test, which closes it when it ends. */
export async function openForTest(
  open: OpenStore,
  options: Parameters<OpenStore>[0] = {},
): Promise<OpenedStore> {
  const opened = await open(options);
  onTestFinished(() => opened.close());
  return opened;
}

/** The stream of the project that most samples belong to. */
export const stream = streamOf(sampleProject);
/** The stream of the other project. */
export const otherStream = streamOf(otherProject);

/** Runs the work in a transaction of `tester` after it locked the streams; the streams of samples if none is named. */
export async function write<T>(
  store: Store,
  work: (tx: Transaction) => Promise<T>,
  streams: readonly Stream[] = [stream, otherStream, 'workspace'],
): Promise<T> {
  const { value } = await store.transaction('tester', async (tx) => {
    for (const name of streams) await tx.lock(name);
    return work(tx);
  });
  return value;
}

/** The repository of a kind, typed for that kind. */
export function repository<K extends Kind>(tx: Transaction, kind: K): Repository<K> {
  const repositories: { readonly [Each in Kind]: Repository<Each> } = tx;
  return repositories[kind];
}

/** The entity as it is committed. */
export function committed<K extends Kind>(
  store: Store,
  kind: K,
  id: string,
): Promise<EntityOf<K> | undefined> {
  return store.read((reader) => entities(reader, kind).get(id));
}

/** The reader of a kind, typed for that kind. */
export function entities<K extends Kind>(reader: Reader, kind: K) {
  const readers: { readonly [Each in Kind]: Pick<Repository<Each>, 'get' | 'list'> } = reader;
  return readers[kind];
}

/** The id of an entity. */
export function idOf<K extends Kind>(kind: K, entity: EntityOf<K>): string {
  return anyCollection(kind).id(entity);
}

/** The streams to lock before an entity is changed. */
export function streamsToLock<K extends Kind>(kind: K, entity: EntityOf<K>): readonly Stream[] {
  const project = anyCollection(kind).project(entity);
  return project === undefined ? [] : [streamOf(project)];
}

/** Every event of a stream that is kept and committed. */
export function eventsOf(store: Store, name: Stream, after = 0): Promise<readonly EventRecord[]> {
  return store.read((reader) => reader.events.read(name, after, 1_000_000));
}

/** Inserts a new sample of a kind, with whatever lock that needs. */
export async function insertSample<K extends Kind>(tx: Transaction, kind: K): Promise<EntityOf<K>> {
  const entity = samples[kind]();
  for (const name of streamsToLock(kind, entity)) await tx.lock(name);
  return repository(tx, kind).insert(entity);
}

/** The log of a kind, typed for that kind. */
export function logOf<L extends LogKind>(reader: Reader, kind: L): LogReader<L> {
  const readers: { readonly [Each in LogKind]: LogReader<Each> } = reader;
  return readers[kind];
}

/** The log of a kind that can be appended to, typed for that kind. */
export function logRepository<L extends LogKind>(tx: Transaction, kind: L): LogRepository<L> {
  const repositories: { readonly [Each in LogKind]: LogRepository<Each> } = tx;
  return repositories[kind];
}

import { onTestFinished } from 'vitest';
import { collectionOf } from '../../../src/application/store/collection-of.ts';
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
import { type Stream, streamOfProject } from '../../../src/domain/channel.ts';
import { sampleProjectId, samples } from '../../support/samples/samples.ts';
import { otherProjectId } from '../../support/samples/variants.ts';

/** A store under test, with nothing in it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens another on what it left; absent when it leaves nothing. */
  readonly reopen?: () => Promise<Store>;
  /** Closes whichever is open and takes everything away. */
  readonly close: () => Promise<void>;
}

/** Opens an empty store; without a retention it keeps what the defaults say. */
export type StoreOpener = (options: {
  readonly retention?: { readonly events: number; readonly ageMs: number };
}) => Promise<StoreUnderTest>;

/** Opens a store for the running test, which closes it when it ends. */
export async function openForTest(
  open: StoreOpener,
  options: Parameters<StoreOpener>[0] = {},
): Promise<StoreUnderTest> {
  const opened = await open(options);
  onTestFinished(() => opened.close());
  return opened;
}

/** The stream of the project that most samples belong to. */
export const sampleStream = streamOfProject(sampleProjectId);
/** The stream of the other project. */
export const otherSampleStream = streamOfProject(otherProjectId);

/** Runs the work in a transaction of `tester` after it locked the streams; the streams of samples if none is named. */
export async function writeInTransaction<T>(
  store: Store,
  work: (tx: Transaction) => Promise<T>,
  streams: readonly Stream[] = [sampleStream, otherSampleStream, 'workspace'],
): Promise<T> {
  const { value } = await store.transaction('tester', async (tx) => {
    for (const name of streams) await tx.lock(name);
    return work(tx);
  });
  return value;
}

/** The repository of a kind, typed for that kind. */
export function repositoryOf<K extends Kind>(tx: Transaction, kind: K): Repository<K> {
  const repositories: { readonly [Each in Kind]: Repository<Each> } = tx;
  return repositories[kind];
}

/** The entity as it is committed. */
export function readCommitted<K extends Kind>(
  store: Store,
  kind: K,
  id: string,
): Promise<EntityOf<K> | undefined> {
  return store.read((reader) => entityReaderOf(reader, kind).get(id));
}

/** The reader of a kind, typed for that kind. */
export function entityReaderOf<K extends Kind>(reader: Reader, kind: K) {
  const readers: { readonly [Each in Kind]: Pick<Repository<Each>, 'get' | 'list'> } = reader;
  return readers[kind];
}

/** The id of an entity. */
export function idOf<K extends Kind>(kind: K, entity: EntityOf<K>): string {
  return collectionOf(kind).id(entity);
}

/** The streams to lock before an entity is changed. */
export function streamsToLock<K extends Kind>(kind: K, entity: EntityOf<K>): readonly Stream[] {
  const project = collectionOf(kind).project(entity);
  return project === undefined ? [] : [streamOfProject(project)];
}

/** Every event of a stream that is kept and committed. */
export function readEvents(store: Store, name: Stream, after = 0): Promise<readonly EventRecord[]> {
  return store.read((reader) => reader.events.read(name, after, 1_000_000));
}

/** Inserts a new sample of a kind, with whatever lock that needs. */
export async function insertSample<K extends Kind>(tx: Transaction, kind: K): Promise<EntityOf<K>> {
  const entity = samples[kind]();
  for (const name of streamsToLock(kind, entity)) await tx.lock(name);
  return repositoryOf(tx, kind).insert(entity);
}

/** The log of a kind, typed for that kind. */
export function logReaderOf<L extends LogKind>(reader: Reader, kind: L): LogReader<L> {
  const readers: { readonly [Each in LogKind]: LogReader<Each> } = reader;
  return readers[kind];
}

/** The log of a kind that can be appended to, typed for that kind. */
export function logRepositoryOf<L extends LogKind>(tx: Transaction, kind: L): LogRepository<L> {
  const repositories: { readonly [Each in LogKind]: LogRepository<Each> } = tx;
  return repositories[kind];
}

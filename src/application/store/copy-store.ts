import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { isDeepEqual } from '../../domain/values/immutable.ts';
import { projectOf } from './collection-of.ts';
import { collections, type EntityOf, type Kind, kinds, type LogKind, logKinds } from './collections.ts';
import { eachEntity, eachLogEntry, eachLogOwner } from './paginate.ts';
import type {
  EntityReaders,
  LogOwner,
  LogRepositories,
  Reader,
  Repositories,
  Store,
  Transaction,
} from './store.ts';

const batchSize = 100;

/**
 * Copies every entity in its version and every log from one store into another, then compares the two record by record;
 * returns how many records there are. Events are not copied: the streams of the copy begin anew, with epochs of their
 * own. Throws CONFLICT when the target holds anything, or when the copy is not the same in the end.
 */
export async function copyStore(from: Store, to: Store): Promise<number> {
  await to.read(assertEmpty);
  return from.read(async (source) => {
    for (const kind of kinds) await copyEntities(source, to, kind);
    for await (const owner of eachLogOwner(source)) {
      for (const log of logKinds) await copyLog(source, to, log, owner);
    }
    return to.read((copy) => compare(source, copy));
  });
}

async function assertEmpty(target: Reader): Promise<void> {
  for (const kind of kinds) {
    const { items } = await target[kind].list({ limit: 1 });
    if (items.length > 0) {
      const { noun } = collections[kind];
      throw new AppError('CONFLICT', `The target is not empty: it holds a ${noun}. Copy into an empty one.`);
    }
  }
}

async function copyEntities<K extends Kind>(source: Reader, to: Store, kind: K): Promise<void> {
  const readers: EntityReaders = source;
  for await (const batch of batches(eachEntity(readers[kind], {}))) await restore(to, kind, batch);
}

async function restore<K extends Kind>(to: Store, kind: K, batch: readonly EntityOf<K>[]): Promise<void> {
  const projects = batch.map((entity) => projectOf(kind, entity)).filter((project) => project !== undefined);
  const streams = [...new Set(projects.map(streamOfProject))].sort();
  await transactionOn(to, streams, async (tx) => {
    const repositories: Repositories = tx;
    for (const entity of batch) await repositories[kind].restore(entity);
  });
}

async function copyLog<L extends LogKind>(source: Reader, to: Store, log: L, owner: LogOwner): Promise<void> {
  const { id, projectId } = owner;
  for await (const batch of batches(eachLogEntry(source, log, id))) {
    await transactionOn(to, [streamOfProject(projectId)], async (tx) => {
      const repositories: LogRepositories = tx;
      for (const { entry } of batch) await repositories[log].append(id, projectId, entry);
    });
  }
}

async function transactionOn(
  to: Store,
  streams: readonly Stream[],
  work: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await to.transaction('server', async (tx) => {
    for (const stream of streams) await tx.lock(stream);
    await work(tx);
  });
}

async function compare(source: Reader, copy: Reader): Promise<number> {
  let count = 0;
  const same = async (what: string, ours: AsyncIterable<unknown>, theirs: AsyncIterable<unknown>) => {
    const other = theirs[Symbol.asyncIterator]();
    for await (const record of ours) {
      const { value } = await other.next();
      if (!isDeepEqual(record, value)) throw copyMismatchError(what, record);
      count += 1;
    }
    const { done, value } = await other.next();
    if (!done) throw copyMismatchError(what, value);
  };
  for (const kind of kinds)
    await same(kind, eachEntity<Kind>(source[kind], {}), eachEntity<Kind>(copy[kind], {}));
  for await (const { id } of eachLogOwner(source)) {
    for (const log of logKinds)
      await same(`${log} of ${id}`, eachLogEntry(source, log, id), eachLogEntry(copy, log, id));
  }
  return count;
}

function copyMismatchError(what: string, record: unknown): AppError {
  const { id, n } = { id: undefined, n: undefined, ...(record as object) };
  return new AppError(
    'CONFLICT',
    `The copy is not the same in ${what}: ${id ?? n}. Empty the target and copy again.`,
  );
}

async function* batches<T>(all: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const one of all) {
    if (batch.push(one) < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

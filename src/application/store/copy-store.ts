import { type Stream, streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { isDeepEqual } from '../../domain/values/immutable.ts';
import { collections, kinds, type LogKind, logKinds } from './collections.ts';
import { eachEntity } from './paginate.ts';
import type { LogItem, Reader, Repository, Store, Transaction } from './store.ts';

type Entity = { readonly id: string; readonly version: number };
type Owner = { readonly id: string; readonly projectId: string };

const batchSize = 100;

/**
 * Copies every entity in its version and every log from one store into another, then compares the two record by record;
 * returns how many records there are. Events are not copied: the streams of the copy begin anew, with epochs of their
 * own. Throws CONFLICT when the target holds anything, or when the copy is not the same in the end.
 */
export async function copyStore(from: Store, to: Store): Promise<number> {
  await to.read(assertEmpty);
  return from.read(async (source) => {
    for (const kind of kinds)
      for await (const batch of batches(entitiesOf(source, kind))) await restore(to, kind, batch);
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

async function restore(to: Store, kind: (typeof kinds)[number], batch: readonly Entity[]): Promise<void> {
  // The compiler cannot tie the entities of a kind to its repository where the kind is any of them.
  const projectOf = collections[kind].project as unknown as (entity: Entity) => string | null | undefined;
  const projects = batch.map(projectOf).filter((project) => project !== undefined);
  const streams = [...new Set(projects.map(streamOfProject))].sort();
  await transactionOn(to, streams, async (tx) => {
    const repository = tx[kind] as unknown as { restore(entity: Entity): Promise<Entity> };
    for (const entity of batch) await repository.restore(entity);
  });
}

async function copyLog(source: Reader, to: Store, log: LogKind, { id, projectId }: Owner): Promise<void> {
  for await (const batch of batches(eachLogEntry(source, log, id))) {
    await transactionOn(to, [streamOfProject(projectId)], async (tx) => {
      const target = tx[log] as unknown as {
        append(id: string, projectId: string, entry: unknown): Promise<number>;
      };
      for (const { entry } of batch) await target.append(id, projectId, entry);
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
  for (const kind of kinds) await same(kind, entitiesOf(source, kind), entitiesOf(copy, kind));
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

async function* entitiesOf(reader: Reader, kind: (typeof kinds)[number]): AsyncGenerator<Entity> {
  yield* eachEntity(reader[kind] as unknown as Repository<'tasks'>, {});
}

/** Whose logs there are: every session, and the deleted ones whose documents are left. */
export async function* eachLogOwner(reader: Reader): AsyncGenerator<Owner> {
  const known = new Set<string>();
  for await (const session of eachEntity(reader.sessions, {})) {
    known.add(session.id);
    yield session;
  }
  for await (const { projectId, content } of eachEntity(reader.documents, {})) {
    if (content === undefined || known.has(content.log)) continue;
    known.add(content.log);
    yield { id: content.log, projectId };
  }
}

/** Every entry of a log, in order. */
export async function* eachLogEntry(
  reader: Reader,
  log: LogKind,
  id: string,
): AsyncGenerator<LogItem<LogKind>> {
  for (let after = 0; ; after += batchSize) {
    const items = await reader[log].read(id, after, batchSize);
    yield* items;
    if (items.length < batchSize) return;
  }
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

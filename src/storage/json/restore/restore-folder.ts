import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { projectOf } from '../../../application/store/collection-of.ts';
import type { EntityOf, Kind, LogKind } from '../../../application/store/collections.ts';
import type { EventRecord, Repository, Store, Transaction } from '../../../application/store/store.ts';
import { type Stream, streamOfProject } from '../../../domain/channel.ts';
import { StartError } from '../../../domain/start-error.ts';
import { unlimitedRetention } from '../../retention.ts';
import { encodeCheckpointRecord, encodeLogSummary } from '../checkpoint/checkpoint-record.ts';
import { encodeNewStoreFile } from '../checkpoint/store-file.ts';
import { acquireFolder } from '../folder/folder-lock.ts';
import { OwnedFolder } from '../folder/owned-folder.ts';
import { layout, streamFolder } from '../folder/store-layout.ts';
import { defaultOptions, type JsonStoreOptions, type ResolvedOptions } from '../json-store-options.ts';
import { LogFile } from '../logs/log-file.ts';
import { writeLog } from '../logs/log-writer.ts';
import { openJsonStore } from '../open-json-store.ts';
import { encodeEventLine } from '../state/event-line.ts';

/** What is put into a new folder, in this order: streams, each before its events, then entities, each before its logs. */
export type RestoreRecord =
  | { readonly stream: Stream; readonly after: number }
  | EventRecord
  | { readonly kind: Kind; readonly entity: EntityOf<Kind> }
  | {
      readonly log: LogKind;
      readonly of: string;
      readonly projectId: string;
      readonly n: number;
      readonly entry: unknown;
    };

const flushBytes = 1024 * 1024;
const batchSize = 200;
const restoreCloseTimeoutMs = 24 * 3_600_000;

/** Where a folder is built that is to become this one: beside it. */
function stagingPath(dataDir: string): string {
  return `${dataDir}.restoring`;
}

/** Throws StartError unless nothing lies in the folder, so that another can take its place. */
export function assertEmptyFolder({ files, dataDir }: Pick<JsonStoreOptions, 'files' | 'dataDir'>): void {
  if (files.list(dataDir).length === 0) return;
  throw new StartError(`${dataDir} is not empty; restore into a folder that is empty or not there.`);
}

/**
 * Builds a folder of these records beside the data folder, with epochs of its own, lets `look` see it, and puts it in
 * place when that agrees: until then there is nothing under the name. Throws StartError when something is in the way.
 */
export async function restoreFolder(
  options: JsonStoreOptions,
  records: AsyncIterable<RestoreRecord>,
  look: (store: Store, draft: string) => Promise<void>,
): Promise<void> {
  const { files, dataDir } = options;
  const kept = { ...options, retention: unlimitedRetention };
  assertEmptyFolder(options);
  const draft = stagingPath(dataDir);
  await files.remove(draft);
  await files.makeFolder(draft);
  try {
    const rest = await restoreStreams({ ...defaultOptions, ...kept, dataDir: draft }, records);
    const store = await openJsonStore({
      ...kept,
      dataDir: draft,
      closeTimeoutMs: restoreCloseTimeoutMs,
      mustWrite: true,
    });
    try {
      await restoreEntities(store, rest);
      await look(store, draft);
    } finally {
      await store.close();
    }
    // It was for this one process only.
    await files.remove(`${draft}/${layout.lock}`);
    await files.syncFolder(draft);
    if (files.stat(dataDir) !== undefined) await files.remove(dataDir);
    await files.move(draft, dataDir);
    await files.syncFolder(dirname(dataDir));
  } catch (error) {
    await files.remove(draft).catch(() => {});
    throw error;
  }
}

/** Writes the events as a checkpoint would have, and returns the records behind them. */
async function restoreStreams(
  options: ResolvedOptions,
  records: AsyncIterable<RestoreRecord>,
): Promise<AsyncIterable<RestoreRecord>> {
  const { files, dataDir } = options;
  const ownership = await acquireFolder(options, () => {});
  try {
    const folder = new OwnedFolder(files, dataDir, ownership.fence);
    const described = new Map<string, string>();
    const iterator = records[Symbol.asyncIterator]();
    let log: LogFile | undefined;
    let bytes = 0;
    const settle = async () => {
      if (log === undefined) return;
      await writeLog(folder, log, log.last);
      log.dropCache();
      described.set(log.folder, encodeLogSummary(log));
      bytes = 0;
    };
    let next = await iterator.next();
    for (; !next.done && 'stream' in next.value; next = await iterator.next()) {
      if (!('seq' in next.value)) {
        await settle();
        log = new LogFile(streamFolder(next.value.stream), [], next.value.after);
        continue;
      }
      const line = toEventLine(next.value);
      log?.append(line);
      bytes += line.text.length;
      if (bytes > flushBytes) await settle();
    }
    await settle();
    const epoch = randomBytes(16).toString('hex');
    const note = { tx: 0, term: folder.term, epoch, journal: null };
    await folder.replace(layout.checkpoint, encodeCheckpointRecord(note, described));
    await folder.replace(layout.store, encodeNewStoreFile());
    await folder.sync();
    return resumeIterator(next, iterator);
  } finally {
    await ownership.release();
  }
}

function toEventLine({ seq, name, data, timestamp, actor }: EventRecord) {
  const event = { name, data, text: JSON.stringify(data), seqs: new Map<Stream, number>() };
  return encodeEventLine(event, seq, { tx: 0, at: timestamp, by: actor, changes: [], events: [] });
}

async function* resumeIterator<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncGenerator<T> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}

async function restoreEntities(store: Store, records: AsyncIterable<RestoreRecord>): Promise<void> {
  let batch: RestoreRecord[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < batchSize) continue;
    await putBatch(store, batch);
    batch = [];
  }
  await putBatch(store, batch);
}

async function putBatch(store: Store, records: readonly RestoreRecord[]): Promise<void> {
  await store.transaction('restore', async (tx) => {
    for (const record of records) {
      if ('kind' in record) {
        await restoreEntity(tx, record);
      } else if ('log' in record) {
        await tx.lock(streamOfProject(record.projectId));
        const log = tx[record.log] as {
          append(id: string, projectId: string, entry: never): Promise<number>;
        };
        await log.append(record.of, record.projectId, record.entry as never);
      }
    }
  });
}

async function restoreEntity<K extends Kind>(
  tx: Transaction,
  { kind, entity }: { readonly kind: K; readonly entity: EntityOf<K> },
): Promise<void> {
  const repositories: { readonly [Each in Kind]: Repository<Each> } = tx;
  await tx.lock(streamOfProject(projectOf(kind, entity) ?? null));
  await repositories[kind].restore(entity);
}

import { createHash } from 'node:crypto';
import { collectionOf } from '../../../application/store/collection-of.ts';
import { type EntityOf, type Kind, kinds } from '../../../application/store/collections.ts';
import type { Stream } from '../../../domain/channel.ts';
import type { Position } from '../../../domain/position.ts';
import { entityPath, logFolder, streamFolder } from '../folder/store-layout.ts';
import type { Change, TransactionRecord } from '../journal/transaction-record.ts';
import { LogFile } from '../logs/log-file.ts';
import { LogLine } from '../logs/log-line.ts';
import { entityId } from '../records/any-entity.ts';
import { entityNumber } from '../records/entity-sum.ts';
import { RecordTable } from '../records/record-table.ts';
import { DirtyFiles } from './dirty-files.ts';
import { encodeEventLine } from './event-line.ts';

/** Hears of each change before it is made, to remember what was before. */
export interface ChangeListener {
  /** The entity with this id is about to change. */
  beforeEntityChange(kind: Kind, id: string): void;
  /** The log in this folder is about to grow or to go. */
  beforeLogChange(folder: string): void;
}

/** Everything stored, in memory: what the files say and the journal after them. Only `apply` changes it. */
export class StoredState {
  readonly #tables = {} as { [K in Kind]: RecordTable<EntityOf<K>> | undefined };
  readonly logs = new Map<string, LogFile>();
  readonly changeListeners = new Set<ChangeListener>();
  /** What is to be written at the next checkpoint. */
  dirty = new DirtyFiles();
  /** The number of the newest transaction that was applied. */
  tx: number;
  #sum = 0;
  /** The random identity of the history, of which each stream has its part. */
  readonly epoch: string;
  readonly #epochs = new Map<Stream, string>();

  /** `tx` is the newest transaction in the files. */
  constructor(epoch: string, tx: number) {
    this.epoch = epoch;
    this.tx = tx;
  }

  /** The sum of the numbers of all entities, from which a missing or older one is noticed. */
  get sum(): number {
    return this.#sum;
  }

  /** Sums up what was put into the tables directly. */
  countSum(): void {
    this.#sum = 0;
    for (const kind of kinds) {
      for (const entity of this.table(kind).values()) this.#sum += entityNumber(kind, entity);
    }
  }

  /** How many entities there are. */
  get size(): number {
    return kinds.reduce((sum, kind) => sum + this.table(kind).size, 0);
  }

  /** The table of a kind. */
  table<K extends Kind>(kind: K): RecordTable<EntityOf<K>> {
    const tables: { [Each in K]: RecordTable<EntityOf<Each>> | undefined } = this.#tables;
    const table = tables[kind] ?? new RecordTable(collectionOf(kind));
    tables[kind] = table;
    return table;
  }

  /** Where a stream stands once so many events were recorded in it. Each stream has an epoch of its own. */
  position(stream: Stream, seq: number): Position {
    let epoch = this.#epochs.get(stream);
    if (epoch === undefined) {
      epoch = createHash('sha256').update(`${this.epoch} ${stream}`).digest('hex').slice(0, 16);
      this.#epochs.set(stream, epoch);
    }
    return { epoch, seq };
  }

  /** The number of the last event in a stream. */
  head(stream: Stream): number {
    return this.logs.get(streamFolder(stream))?.last ?? 0;
  }

  /** Makes the changes of the next transaction. Throws RangeError when it does not follow from what is here. */
  apply(record: TransactionRecord): void {
    if (record.tx !== this.tx + 1) throw new RangeError(`transaction ${record.tx} follows ${this.tx}`);
    for (const change of record.changes) this.#applyChange(change, record.at);
    for (const event of record.events) {
      for (const [stream, seq] of event.seqs) {
        this.#append(streamFolder(stream), seq, encodeEventLine(event, seq, record));
      }
    }
    this.tx = record.tx;
  }

  #applyChange(change: Change, at: number): void {
    // The entity that is put is of the kind that is named beside it.
    if (change[0] === 'put') this.#put(change[1], change[2] as EntityOf<Kind>);
    else if (change[0] === 'delete') this.#delete(change[1], change[2]);
    else if (change[0] === 'drop') this.#drop(logFolder(change[1], change[2]));
    else this.#append(logFolder(change[1], change[2]), change[3], new LogLine(change[5], at, change[4]));
  }

  #put<K extends Kind>(kind: K, entity: EntityOf<K>): void {
    for (const watcher of this.changeListeners) watcher.beforeEntityChange(kind, entityId(kind, entity));
    const before = this.table(kind).put(entity);
    this.#sum += entityNumber(kind, entity) - (before === undefined ? 0 : entityNumber(kind, before));
    if (before !== undefined) this.dirty.markDeleted(entityPath(kind, before));
    this.dirty.markChanged(entityPath(kind, entity), entity);
  }

  #delete(kind: Kind, id: string): void {
    for (const watcher of this.changeListeners) watcher.beforeEntityChange(kind, id);
    const before = this.table(kind).delete(id);
    if (before === undefined) return;
    this.#sum -= entityNumber(kind, before);
    this.dirty.markDeleted(entityPath(kind, before));
  }

  #append(folder: string, n: number, line: LogLine): void {
    for (const watcher of this.changeListeners) watcher.beforeLogChange(folder);
    let log = this.logs.get(folder);
    if (log === undefined) {
      log = new LogFile(folder);
      this.logs.set(folder, log);
    }
    if (n !== log.last + 1) throw new RangeError(`line ${n} of ${folder} follows ${log.last}`);
    log.append(line);
    this.dirty.markLogAppended(log);
  }

  #drop(folder: string): void {
    const log = this.logs.get(folder);
    if (log === undefined) return;
    for (const watcher of this.changeListeners) watcher.beforeLogChange(folder);
    this.logs.delete(folder);
    this.dirty.markLogDropped(log);
  }
}

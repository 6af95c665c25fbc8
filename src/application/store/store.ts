import type { Stream } from '../../domain/channel.ts';
import type { EventData, EventName } from '../../domain/events.ts';
import type { Position } from '../../domain/position.ts';
import type { Page, PageRequest } from '../../domain/values/page.ts';
import type { EntityOf, FilterOf, FilterValue, Kind, LogEntryOf, LogKind, SortOf } from './collections.ts';

/** Which entities are wanted and in which order: filters combine, several values of one are alternatives. */
export interface Query<K extends Kind> extends PageRequest {
  readonly where?:
    | { readonly [F in FilterOf<K>]?: FilterValue | readonly FilterValue[] | undefined }
    | undefined;
  /** Defaults to createdAt. */
  readonly sort?: SortOf<K> | undefined;
  readonly descending?: boolean | undefined;
}

/** Entities of one kind, as they are. */
export interface EntityReader<K extends Kind> {
  get(id: string): Promise<EntityOf<K> | undefined>;
  /** A page at a cost of its own length, by the indexes the catalogue declares. */
  list(query: Query<K>): Promise<Page<EntityOf<K>>>;
}

/** The same with the right to change them; each is seen by later reads of the transaction, and by nobody else. */
export interface Repository<K extends Kind> extends EntityReader<K> {
  /** Stores a new entity as version 1 and returns it. Throws ALREADY_EXISTS. */
  insert(entity: EntityOf<K>): Promise<EntityOf<K>>;
  /** As insert, with the version that is written on it: for what comes from another store. Throws ALREADY_EXISTS. */
  restore(entity: EntityOf<K>): Promise<EntityOf<K>>;
  /** Stores the next version of the entity and returns it. Throws CONFLICT unless it was made from the present one. */
  update(entity: EntityOf<K>): Promise<EntityOf<K>>;
  /** Removes it. Throws NOT_FOUND. */
  delete(id: string): Promise<void>;
}

/** Whose log it is: a session, or where a document says that its content lies. */
export interface LogOwner {
  readonly id: string;
  readonly projectId: string;
}

/** One entry of a log and its number, from 1. */
export interface LogItem<L extends LogKind> {
  readonly n: number;
  readonly entry: LogEntryOf<L>;
}

/** The append-only logs of one kind; one that was never written to is empty. */
export interface LogReader<L extends LogKind> {
  count(id: string): Promise<number>;
  /** The entries after number `after`, oldest first, at most `limit`. */
  read(id: string, after: number, limit: number): Promise<readonly LogItem<L>[]>;
}

/** The same with the right to append. */
export interface LogRepository<L extends LogKind> extends LogReader<L> {
  /** Appends at a cost of the entry's own length and returns its number. `projectId` is whose log it is. */
  append(id: string, projectId: string, entry: LogEntryOf<L>): Promise<number>;
  /** Removes the log; a later append begins at 1 again. */
  drop(id: string, projectId: string): Promise<void>;
}

/** An event as it was committed: the source of everything delivered. */
export type EventRecord = {
  [Name in EventName]: {
    readonly stream: Stream;
    /** Its place in the stream: 1, 2, 3, … without holes. */
    readonly seq: number;
    readonly name: Name;
    readonly data: EventData<Name>;
    /** Epoch milliseconds of the transaction. */
    readonly timestamp: number;
    /** Who caused it: the subject of the credential. */
    readonly actor: string;
  };
}[EventName];

/** The committed events of each stream. */
export interface EventReader {
  /** Where the stream ends; seq 0 when nothing has happened in it. */
  head(stream: Stream): Promise<Position>;
  /**
   * The events after `after`, oldest first, at most `limit`. Throws POSITION_LOST when they are no longer kept, or when
   * the stream has not come to `after`.
   */
  read(stream: Stream, after: number, limit: number): Promise<readonly EventRecord[]>;
}

/** A reader of each kind of entity. */
export type EntityReaders = { readonly [K in Kind]: EntityReader<K> };
/** A reader of each kind of log. */
export type LogReaders = { readonly [L in LogKind]: LogReader<L> };
/** A repository of each kind of entity. */
export type Repositories = { readonly [K in Kind]: Repository<K> };
/** A repository of each kind of log. */
export type LogRepositories = { readonly [L in LogKind]: LogRepository<L> };

/** One consistent view of everything stored, of nothing that a crash could take back. */
export interface Reader extends EntityReaders, LogReaders {
  readonly events: EventReader;
}

/** A view that sees its own changes: all of them happen with their events, or nothing does. */
export interface Transaction extends Repositories, LogRepositories {
  readonly events: EventReader;
  /** The instant of the transaction in epoch milliseconds: one for all its changes. */
  readonly now: number;
  /**
   * Makes this transaction the only one that changes the stream's entities, logs and events until it ends. Must come
   * before the first such change, and before the reads that it is decided on.
   */
  lock(stream: Stream): Promise<void>;
  /** Commits an event with the changes, in each stream that its channels belong to. */
  emit<Name extends EventName>(name: Name, data: EventData<Name>): void;
}

/** What became of a transaction. */
export interface CommitResult<T> {
  readonly value: T;
  /** Where each locked stream ended when this transaction was committed. */
  readonly positions: ReadonlyMap<Stream, Position>;
}

/** Whether a store can read and write. */
export interface StoreHealth {
  readonly status: 'ok' | 'degraded' | 'full' | 'failed';
  /** A sentence for the log and for admins. */
  readonly detail?: string | undefined;
}

/** That there are events in a stream; of which names is undefined where that is not known yet. */
export interface StreamActivity {
  readonly stream: Stream;
  readonly names: readonly EventName[] | undefined;
}

/** PORT: where everything is kept. Only a transaction writes; it commits state and events together or not at all. */
export interface Store {
  /**
   * Runs `work` over one consistent view of what is durable, which ends with it; it may run more than once, and holds up
   * nobody. Throws NOT_READY once the store is closed.
   */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * Runs `work` and commits what it changed; resolves when that is durable and visible. `work` may run more than once,
   * so it does nothing but use its transaction, which is dead once it ended. If it throws, nothing happened. Throws
   * STORE_FAILED or STORAGE_FULL when nothing can be committed, NOT_READY once the store is closed.
   */
  transaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>>;
  /**
   * Hands over committed events in commit order, after they are durable, those of one transaction in one call; returns
   * how to stop that. What a listener throws disturbs nobody. Events for which `wants` is false may be left out.
   */
  onCommit(
    listener: (events: readonly EventRecord[]) => void,
    wants?: (news: StreamActivity) => boolean,
  ): () => void;
  health(): StoreHealth;
  /** Ends what runs, flushes and lets go of everything; more calls do nothing. */
  close(): Promise<void>;
}

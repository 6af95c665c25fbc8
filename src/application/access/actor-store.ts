import type { Stream } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { catalogueViewOf, defineCatalogueViews } from '../store/catalogue-views.ts';
import type { Kind, LogKind } from '../store/collections.ts';
import type {
  EntityReader,
  LogReader,
  LogRepository,
  Reader,
  Repository,
  Store,
  Transaction,
} from '../store/store.ts';
import { ActorEntities, ActorRepository } from './actor-entities.ts';
import { ActorEvents } from './actor-events.ts';
import { ActorLogRepository, ActorLogs } from './actor-logs.ts';
import type { Call } from './call.ts';
import { rejectionReason } from './credential-check.ts';
import { attemptId, storedResult, storeResult } from './idempotency.ts';
import { Visibility } from './visibility.ts';

/** What an actor may see of each kind of entity. */
export type ActorEntityReaders = { readonly [K in Kind]: ActorEntities<K> };
/** What an actor may see and change of each kind of entity. */
export type ActorRepositories = { readonly [K in Kind]: ActorRepository<K> };
/** What an actor may see of each kind of log. */
export type ActorLogReaders = { readonly [L in LogKind]: ActorLogs<L> };
type LogRepositories = { readonly [L in LogKind]: ActorLogRepository<L> };

/** One consistent view of what the actor may see. */
export interface ActorReader extends ActorEntityReaders, ActorLogReaders {
  readonly events: ActorEvents;
}

/** A transaction in which only what the actor may see exists. */
export interface ActorTransaction
  extends ActorRepositories,
    LogRepositories,
    Pick<Transaction, 'now' | 'emit'> {
  readonly events: ActorEvents;
  /** As Transaction.lock. */
  lock(stream: Stream): Promise<void>;
}

/** A store as one actor may see it: the only way services reach data, so that no service can bypass isolation. */
export interface ActorStore {
  /** As Store.read. */
  read<T>(work: (reader: ActorReader) => Promise<T>): Promise<T>;
  /**
   * As Store.transaction, returning the value. Under the call's Idempotency-Key a retry of what changed something gets
   * the value of the first attempt, without running again.
   */
  transaction<T>(work: (tx: ActorTransaction) => Promise<T>): Promise<T>;
  /**
   * What a transaction under the call's Idempotency-Key returned before, undefined when there was none: for a use case
   * that does something before its transaction. `now` is in epoch milliseconds. Throws IDEMPOTENCY_MISMATCH.
   */
  findEarlierResult<T>(now: number): Promise<{ readonly value: T } | undefined>;
}

/** The store as the actor of a call may see it. */
export type ActorStoreFactory = (call: Call) => ActorStore;

/** How long an expired token is still accepted, in milliseconds; the check of its signature allows as much. */
const expiryTolerance = 30_000;

/** Opens a store for the actor of each call. */
export function createActorStoreFactory(store: Store): ActorStoreFactory {
  return (call) => ({
    async read(work) {
      const { value, positions } = await store.read(async (reader) => {
        const visibility = new Visibility(call);
        const value = await work(catalogueViewOf<ActorReader>(new ReaderView(visibility, reader)));
        return { value, positions: await visibility.positions(reader.events) };
      });
      for (const [stream, position] of positions) call.outcome.positions.set(stream, position);
      return value;
    },

    async transaction<T>(work: (tx: ActorTransaction) => Promise<T>): Promise<T> {
      const id = await attemptId(call);
      const { value: outcome, positions } = await store.transaction(call.actor.id, async (tx) => {
        await assertCredential(tx, call);
        const attempt = id === undefined ? undefined : await tx.attempts.get(id);
        const earlier = storedResult(attempt, call, tx.now);
        // What was stored under the key is what this same use case returned, as its fingerprint proves.
        if (earlier !== undefined) return { value: earlier.value as T, replayed: true };
        const visibility = new Visibility(call);
        const value = await work(catalogueViewOf<ActorTransaction>(new TransactionView(visibility, tx)));
        if (id !== undefined && visibility.hasWritten) await storeResult(tx, call, id, value, attempt);
        return { value, replayed: false };
      });
      call.outcome.replayed = outcome.replayed;
      for (const [stream, position] of positions) call.outcome.positions.set(stream, position);
      return outcome.value;
    },

    async findEarlierResult<T>(now: number): Promise<{ readonly value: T } | undefined> {
      const id = await attemptId(call);
      if (id === undefined) return undefined;
      const attempt = await store.read((reader) => reader.attempts.get(id));
      const earlier = storedResult(attempt, call, now);
      return earlier === undefined ? undefined : { value: earlier.value as T };
    },
  });
}

/** A call may wait for long: what it changes needs a credential that still holds then. Throws UNAUTHORIZED. */
async function assertCredential(tx: Transaction, { actor }: Call): Promise<void> {
  if (actor.tokenId === undefined) return;
  const record = await tx.tokens.get(actor.tokenId);
  if (record !== undefined && record.expiresAt + expiryTolerance <= tx.now)
    throw new AppError('UNAUTHORIZED', 'The token has expired meanwhile.');
  const reason = await rejectionReason(tx, actor, tx.now);
  if (reason !== undefined) throw new AppError('UNAUTHORIZED', reason);
}

/** A view for an actor; its parts are made when they are asked for. */
class ReaderView<Source extends Reader | Transaction = Reader> implements Pick<ActorReader, 'events'> {
  readonly visibility: Visibility;
  readonly source: Source;

  constructor(visibility: Visibility, source: Source) {
    this.visibility = visibility;
    this.source = source;
  }

  get events(): ActorEvents {
    return new ActorEvents(this.visibility, this.source.events);
  }
}

defineCatalogueViews(ReaderView, {
  entities: ({ visibility, source }, kind) =>
    new ActorEntities(visibility, kind, source[kind] as EntityReader<typeof kind>),
  logs: ({ visibility, source }, log) => new ActorLogs(visibility, source[log] as LogReader<typeof log>),
});

class TransactionView
  extends ReaderView<Transaction>
  implements Pick<ActorTransaction, 'events' | 'now' | 'lock' | 'emit'>
{
  get now(): number {
    return this.source.now;
  }

  async lock(stream: Stream): Promise<void> {
    await this.source.lock(stream);
    this.visibility.locked.add(stream);
  }

  emit(...event: Parameters<Transaction['emit']>): void {
    this.visibility.hasWritten = true;
    this.source.emit(...event);
  }
}

defineCatalogueViews(TransactionView, {
  entities: ({ visibility, source }, kind) =>
    new ActorRepository(visibility, kind, source[kind] as Repository<typeof kind>, source),
  logs: ({ visibility, source }, log) =>
    new ActorLogRepository(visibility, source[log] as LogRepository<typeof log>),
});

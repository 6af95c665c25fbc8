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
import { attemptId, findResult, peekResult, storeResult } from './idempotency.ts';
import { Visibility } from './visibility.ts';

type Entities = { readonly [K in Kind]: ActorEntities<K> };
type Repositories = { readonly [K in Kind]: ActorRepository<K> };
type Logs = { readonly [L in LogKind]: ActorLogs<L> };
type LogRepositories = { readonly [L in LogKind]: ActorLogRepository<L> };

/** One consistent view of what the actor may see. */
export interface ActorReader extends Entities, Logs {
  readonly events: ActorEvents;
}

/** A transaction in which only what the actor may see exists. */
export interface ActorTransaction extends Repositories, LogRepositories, Pick<Transaction, 'now' | 'emit'> {
  readonly events: ActorEvents;
  /** As Transaction.lock. */
  lock(stream: Stream): Promise<void>;
}

/** A store as one actor may see it: the only way services reach data, so that isolation is a property of the door. */
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
   * that does something before its transaction. Throws IDEMPOTENCY_MISMATCH.
   */
  findEarlierResult<T>(): Promise<{ readonly value: T } | undefined>;
}

/** The store as the actor of a call may see it. */
export type ActorStoreFactory = (call: Call) => ActorStore;

/** How long a token is taken after its end, in milliseconds, as its reader does. */
const expiryTolerance = 30_000;

/** Makes the door to a store. */
export function createActorStoreFactory(store: Store): ActorStoreFactory {
  return (call) => ({
    async read(work) {
      const { value, positions } = await store.read(async (reader) => {
        const door = new Visibility(call);
        const value = await work(catalogueViewOf<ActorReader>(new ReaderView(door, reader)));
        return { value, positions: await door.positions(reader.events) };
      });
      for (const [stream, position] of positions) call.outcome.positions.set(stream, position);
      return value;
    },

    async transaction<T>(work: (tx: ActorTransaction) => Promise<T>): Promise<T> {
      const id = await attemptId(call);
      const { value: outcome, positions } = await store.transaction(call.actor.id, async (tx) => {
        await assertCredential(tx, call);
        const earlier = id === undefined ? undefined : await findResult(tx, call, id);
        // What was stored under the key is what this same use case returned, as its fingerprint proves.
        if (earlier !== undefined) return { value: earlier.value as T, replayed: true };
        const door = new Visibility(call);
        const value = await work(catalogueViewOf<ActorTransaction>(new TransactionView(door, tx)));
        if (id !== undefined && door.hasWritten) await storeResult(tx, call, id, value);
        return { value, replayed: false };
      });
      call.outcome.replayed = outcome.replayed;
      for (const [stream, position] of positions) call.outcome.positions.set(stream, position);
      return outcome.value;
    },

    async findEarlierResult<T>(): Promise<{ readonly value: T } | undefined> {
      const id = await attemptId(call);
      if (id === undefined) return undefined;
      const earlier = await store.read((reader) => peekResult(reader, call, id));
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
  const refusal = await rejectionReason(tx, actor, tx.now);
  if (refusal !== undefined) throw new AppError('UNAUTHORIZED', refusal);
}

/** A view for an actor; its parts are made when they are asked for. */
class ReaderView<Source extends Reader | Transaction = Reader> implements Pick<ActorReader, 'events'> {
  readonly visibility: Visibility;
  readonly source: Source;

  constructor(door: Visibility, source: Source) {
    this.visibility = door;
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

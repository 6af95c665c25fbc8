import { type Kind, kinds, type LogKind, logKinds } from '../../../src/application/store/collections.ts';
import type {
  CommitResult,
  EventRecord,
  Reader,
  Store,
  StoreHealth,
  Transaction,
} from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';
import { AppError } from '../../../src/domain/errors.ts';
import type { Position } from '../../../src/domain/position.ts';
import { defaultRetention, type Retention } from '../../../src/storage/retention.ts';
import { TransactionScope } from '../../../src/storage/transaction-scope.ts';
import { MemoryEntities, MemoryRepository } from './memory-entities.ts';
import {
  commitEvents,
  MemoryEvents,
  type PendingEvent,
  StreamEpochs,
  toPendingEvent,
} from './memory-events.ts';
import { MemoryLogRepository, MemoryLogs } from './memory-logs.ts';
import { copySnapshot, emptySnapshot, type MemorySnapshot } from './memory-snapshot.ts';

/** What a memory store can be told. */
export interface MemoryStoreOptions {
  /** The clock, in epoch milliseconds. */
  readonly now?: () => number;
  readonly retention?: Retention;
}

type Listener = (events: readonly EventRecord[]) => void;

/** A store that forgets everything when the process ends: the model of what a store promises. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

class MemoryStore implements Store {
  readonly #now: () => number;
  readonly #retention: Retention;
  readonly #epochs = new StreamEpochs();
  readonly #listeners = new Set<{ readonly call: Listener }>();
  #snapshot = emptySnapshot();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: MemoryStoreOptions) {
    this.#now = options.now ?? Date.now;
    this.#retention = options.retention ?? defaultRetention;
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#assertOpen();
    const permit = new TransactionScope();
    try {
      return await work(this.#reader(this.#snapshot, permit));
    } finally {
      permit.end();
    }
  }

  async transaction<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>> {
    this.#assertOpen();
    const running = this.#last.then(() => this.#run(actor, work));
    this.#last = running.catch(() => {});
    return running;
  }

  onCommit(listener: Listener): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  health(): StoreHealth {
    return { status: 'ok' };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('NOT_READY', 'The store is closed.');
  }

  async #run<T>(actor: string, work: (tx: Transaction) => Promise<T>): Promise<CommitResult<T>> {
    const draft = copySnapshot(this.#snapshot);
    const permit = new TransactionScope();
    const events: PendingEvent[] = [];
    const now = this.#now();
    let value: T;
    try {
      value = await work(this.#transaction(draft, permit, events, now));
    } finally {
      permit.end();
    }
    const records = commitEvents(draft.histories, events, { actor, timestamp: now }, this.#retention);
    this.#snapshot = draft;
    this.#notify(records);
    return { value, positions: this.#positions(permit.lockedStreams) };
  }

  #reader(moment: MemorySnapshot, permit: TransactionScope): Reader {
    return buildView(
      (kind) => new MemoryEntities(kind, moment.entities[kind], permit),
      (log) => new MemoryLogs(moment.logs[log], permit),
      { events: new MemoryEvents(moment.histories, this.#epochs, permit) },
    );
  }

  #transaction(
    draft: MemorySnapshot,
    permit: TransactionScope,
    events: PendingEvent[],
    now: number,
  ): Transaction {
    return buildView(
      (kind) => new MemoryRepository(kind, draft.entities[kind], permit),
      (log) => new MemoryLogRepository(draft.logs[log], permit),
      {
        events: new MemoryEvents(draft.histories, this.#epochs, permit),
        now,
        lock: async (stream) => permit.lock(stream),
        emit: (name, data) => void events.push(toPendingEvent(name, data, permit)),
      } satisfies Pick<Transaction, 'events' | 'now' | 'lock' | 'emit'>,
    );
  }

  #positions(streams: Iterable<Stream>): ReadonlyMap<Stream, Position> {
    const { histories } = this.#snapshot;
    const position = (stream: Stream) => ({
      epoch: this.#epochs.get(stream),
      seq: histories.get(stream)?.head ?? 0,
    });
    return new Map([...streams].map((stream) => [stream, position(stream)]));
  }

  #notify(events: readonly EventRecord[]): void {
    if (events.length === 0) return;
    for (const { call } of [...this.#listeners]) {
      try {
        call(events);
      } catch {
        // What is committed stays committed, and the other listeners are to hear of it; faults are the listener's own.
      }
    }
  }
}

function buildView<View>(
  entities: <K extends Kind>(kind: K) => MemoryEntities<K>,
  logs: <L extends LogKind>(log: L) => MemoryLogs<L>,
  rest: object,
): View {
  const parts = [...kinds.map((kind) => [kind, entities(kind)]), ...logKinds.map((log) => [log, logs(log)])];
  // One part for each entry of the catalogues, which is what the types of the views are mapped over.
  return { ...Object.fromEntries(parts), ...rest } as View;
}

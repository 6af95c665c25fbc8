import { randomBytes } from 'node:crypto';
import type { EventReader, EventRecord } from '../../../src/application/store/store.ts';
import type { Stream } from '../../../src/domain/channel.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { type EventData, type EventName, streamsOfEvent } from '../../../src/domain/events.ts';
import type { Position } from '../../../src/domain/position.ts';
import type { Retention } from '../../../src/storage/retention.ts';
import { assertStream, type TransactionScope } from '../../../src/storage/transaction-scope.ts';
import { frozenCopy } from './frozen-copy.ts';
import type { StreamHistory } from './memory-snapshot.ts';

/** The epoch of each stream, random and made when first asked for. */
export class StreamEpochs {
  readonly #epochs = new Map<Stream, string>();

  get(stream: Stream): string {
    const epoch = this.#epochs.get(stream) ?? randomBytes(8).toString('hex');
    this.#epochs.set(stream, epoch);
    return epoch;
  }
}

/** The committed events of one moment. */
export class MemoryEvents implements EventReader {
  readonly #scope: TransactionScope;
  readonly #histories: ReadonlyMap<Stream, StreamHistory>;
  readonly #epochs: StreamEpochs;

  constructor(histories: ReadonlyMap<Stream, StreamHistory>, epochs: StreamEpochs, permit: TransactionScope) {
    this.#histories = histories;
    this.#epochs = epochs;
    this.#scope = permit;
  }

  async head(stream: Stream): Promise<Position> {
    return { epoch: this.#epochs.get(stream), seq: this.#history(stream).head };
  }

  async read(stream: Stream, after: number, limit: number): Promise<readonly EventRecord[]> {
    const { head, events } = this.#history(stream);
    const skipped = after - (head - events.length);
    if (skipped < 0 || after > head) {
      throw new AppError('POSITION_LOST', `The events behind ${after} of ${stream} are not kept.`, {
        stream,
        head,
      });
    }
    return events.slice(skipped, skipped + limit);
  }

  #history(stream: Stream): StreamHistory {
    this.#scope.assertOpen();
    assertStream(stream);
    return this.#histories.get(stream) ?? { head: 0, events: [] };
  }
}

/** An event that a transaction has emitted and not yet committed. */
export interface PendingEvent {
  readonly name: EventName;
  readonly data: EventData<EventName>;
}

/** The event as it will be committed. Throws INTERNAL_ERROR when one of its streams is not locked. */
export function toPendingEvent<Name extends EventName>(
  name: Name,
  data: EventData<Name>,
  permit: TransactionScope,
): PendingEvent {
  permit.assertOpen();
  for (const stream of streamsOfEvent(name, data)) permit.assertStreamLocked(stream);
  return { name, data: frozenCopy(data) };
}

/** Writes the events down in each of their streams, numbered on, and drops what need not be kept; returns the records. */
export function commitEvents(
  histories: Map<Stream, StreamHistory>,
  events: readonly PendingEvent[],
  by: { readonly actor: string; readonly timestamp: number },
  retention: Retention,
): readonly EventRecord[] {
  const records: EventRecord[] = [];
  for (const { name, data } of events) {
    for (const stream of streamsOfEvent(name, data)) {
      const { head, events: kept } = histories.get(stream) ?? { head: 0, events: [] };
      // The name and the data came in together, as one event of the catalogue.
      const event = Object.freeze({ stream, seq: head + 1, name, data, ...by }) as EventRecord;
      const all = [...kept, event].slice(-retention.events);
      const firstKept = all.findIndex((e) => e.timestamp >= by.timestamp - retention.ageMs);
      histories.set(stream, { head: head + 1, events: all.slice(firstKept) });
      records.push(event);
    }
  }
  return records;
}

import { defineParts, partsOf } from '../../../application/store/catalogue-views.ts';
import type { EntityOf, Kind, LogEntryOf, LogKind } from '../../../application/store/collections.ts';
import type {
  EntityReader,
  EventReader,
  EventRecord,
  LogItem,
  LogReader,
  Query,
  Reader,
} from '../../../application/store/store.ts';
import type { Position, Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Page } from '../../../domain/values/page.ts';
import type { Retention } from '../../retention.ts';
import { assertStream, type Permit } from '../../transaction-scope.ts';
import { logFolder, streamFolder } from '../folder/store-layout.ts';
import { frozen } from '../records/frozen-json.ts';
import { pageOfFound } from '../records/result-set.ts';
import { eventOf } from '../state/event-line.ts';
import type { Sight } from './read-view.ts';

/** Entities of one kind as a piece of work sees them. */
export class StoredEntities<K extends Kind> implements EntityReader<K> {
  protected readonly kind: K;
  protected readonly permit: Permit;
  readonly #sight: Sight;

  constructor(kind: K, sight: Sight, permit: Permit) {
    this.kind = kind;
    this.permit = permit;
    this.#sight = sight;
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    this.permit.assertOpen();
    return frozen(this.#sight.get(this.kind, id));
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    this.permit.assertOpen();
    const page = pageOfFound(this.#sight.find(this.kind, query), query);
    page.items.forEach(frozen);
    return page;
  }
}

/** The logs of one kind as a piece of work sees them. */
export class StoredLogs<L extends LogKind> implements LogReader<L> {
  protected readonly kind: L;
  protected readonly permit: Permit;
  readonly #sight: Sight;

  constructor(kind: L, sight: Sight, permit: Permit) {
    this.kind = kind;
    this.permit = permit;
    this.#sight = sight;
  }

  async count(id: string): Promise<number> {
    this.permit.assertOpen();
    return this.#sight.log(logFolder(this.kind, id)).last;
  }

  async read(id: string, after: number, limit: number): Promise<readonly LogItem<L>[]> {
    this.permit.assertOpen();
    const log = this.#sight.log(logFolder(this.kind, id));
    const lines = await log.read(after, Math.min(after + limit, log.last));
    // The log of a kind holds entries of that kind.
    return lines.map((line, i) => ({ n: after + i + 1, entry: line.value as LogEntryOf<L> }));
  }
}

/** The committed events as a piece of work sees them. */
export class StoredEvents implements EventReader {
  readonly #sight: Sight;
  readonly #permit: Permit;
  readonly #retention: Retention;

  constructor(sight: Sight, permit: Permit, retention: Retention) {
    this.#sight = sight;
    this.#permit = permit;
    this.#retention = retention;
  }

  async head(stream: Stream): Promise<Position> {
    return this.#sight.position(stream, this.#log(stream).last);
  }

  async read(stream: Stream, after: number, limit: number): Promise<readonly EventRecord[]> {
    const log = this.#log(stream);
    const { last } = log;
    const first = Math.max(log.first, last - this.#retention.events + 1);
    if (after > last || after < first - 1) throw lost(stream, after, last);
    const lines = await log.read(after, Math.min(after + limit, last));
    const events = lines.map((line) => eventOf(stream, line));
    const oldest = events[0]?.timestamp ?? log.newest;
    if (oldest < log.newest - this.#retention.ageMs) throw lost(stream, after, last);
    return events;
  }

  #log(stream: Stream) {
    this.#permit.assertOpen();
    assertStream(stream);
    return this.#sight.log(streamFolder(stream));
  }
}

/** Everything stored as a piece of work sees it, for as long as its permit lasts. */
export function readerOf(sight: Sight, permit: Permit, retention: Retention): Reader {
  return partsOf<Reader>(new ReaderParts(sight, permit, retention));
}

class ReaderParts {
  readonly sight: Sight;
  readonly permit: Permit;
  readonly retention: Retention;

  constructor(sight: Sight, permit: Permit, retention: Retention) {
    this.sight = sight;
    this.permit = permit;
    this.retention = retention;
  }

  get events(): EventReader {
    return new StoredEvents(this.sight, this.permit, this.retention);
  }
}

defineParts(ReaderParts, {
  entities: ({ sight, permit }, kind) => new StoredEntities(kind, sight, permit),
  logs: ({ sight, permit }, kind) => new StoredLogs(kind, sight, permit),
});

function lost(stream: Stream, after: number, head: number): AppError {
  return new AppError('POSITION_LOST', `The events behind ${after} of ${stream} are not kept.`, {
    stream,
    head,
  });
}

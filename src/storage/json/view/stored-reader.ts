import { catalogueViewOf, defineCatalogueViews } from '../../../application/store/catalogue-views.ts';
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
import type { Stream } from '../../../domain/channel.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Position } from '../../../domain/position.ts';
import type { Page } from '../../../domain/values/page.ts';
import { deepFreeze } from '../../frozen-json.ts';
import type { Retention } from '../../retention.ts';
import { assertStream, type TransactionScope } from '../../transaction-scope.ts';
import { logFolder, streamFolder } from '../folder/store-layout.ts';
import { readPage } from '../records/result-set.ts';
import { decodeEventLine } from '../state/event-line.ts';
import type { LayeredView } from './layered-view.ts';

/** Entities of one kind as a piece of work sees them. */
export class StoredEntities<K extends Kind> implements EntityReader<K> {
  protected readonly kind: K;
  protected readonly scope: TransactionScope;
  readonly #view: LayeredView;

  constructor(kind: K, view: LayeredView, scope: TransactionScope) {
    this.kind = kind;
    this.scope = scope;
    this.#view = view;
  }

  async get(id: string): Promise<EntityOf<K> | undefined> {
    await this.scope.enter();
    return deepFreeze(this.#view.get(this.kind, id));
  }

  async list(query: Query<K>): Promise<Page<EntityOf<K>>> {
    await this.scope.enter();
    const page = readPage(this.#view.find(this.kind, query), query);
    page.items.forEach(deepFreeze);
    return page;
  }
}

/** The logs of one kind as a piece of work sees them. */
export class StoredLogs<L extends LogKind> implements LogReader<L> {
  protected readonly kind: L;
  protected readonly scope: TransactionScope;
  readonly #view: LayeredView;

  constructor(kind: L, view: LayeredView, scope: TransactionScope) {
    this.kind = kind;
    this.scope = scope;
    this.#view = view;
  }

  async count(id: string): Promise<number> {
    await this.scope.enter();
    return this.#view.log(logFolder(this.kind, id)).last;
  }

  async read(id: string, after: number, limit: number): Promise<readonly LogItem<L>[]> {
    await this.scope.enter();
    const log = this.#view.log(logFolder(this.kind, id));
    const lines = await log.read(after, Math.min(after + limit, log.last));
    // The log of a kind holds entries of that kind.
    return lines.map((line, i) => ({ n: after + i + 1, entry: line.value as LogEntryOf<L> }));
  }
}

/** The committed events as a piece of work sees them. */
export class StoredEvents implements EventReader {
  readonly #view: LayeredView;
  readonly #scope: TransactionScope;
  readonly #retention: Retention;

  constructor(view: LayeredView, scope: TransactionScope, retention: Retention) {
    this.#view = view;
    this.#scope = scope;
    this.#retention = retention;
  }

  async head(stream: Stream): Promise<Position> {
    return this.#view.position(stream, this.#log(stream).last);
  }

  async read(stream: Stream, after: number, limit: number): Promise<readonly EventRecord[]> {
    const log = this.#log(stream);
    const { last } = log;
    const first = Math.max(log.first, last - this.#retention.events + 1);
    if (after > last || after < first - 1) throw positionLostError(stream, after, last);
    const lines = await log.read(after, Math.min(after + limit, last));
    const events = lines.map((line) => decodeEventLine(stream, line));
    const oldest = events[0]?.timestamp ?? log.newest;
    if (oldest < log.newest - this.#retention.ageMs) throw positionLostError(stream, after, last);
    return events;
  }

  #log(stream: Stream) {
    this.#scope.assertOpen();
    assertStream(stream);
    return this.#view.log(streamFolder(stream));
  }
}

/** Everything stored as a piece of work sees it, for as long as its scope lasts. */
export function createReader(view: LayeredView, scope: TransactionScope, retention: Retention): Reader {
  return catalogueViewOf<Reader>(new ReaderParts(view, scope, retention));
}

class ReaderParts {
  readonly view: LayeredView;
  readonly scope: TransactionScope;
  readonly retention: Retention;

  constructor(view: LayeredView, scope: TransactionScope, retention: Retention) {
    this.view = view;
    this.scope = scope;
    this.retention = retention;
  }

  get events(): EventReader {
    return new StoredEvents(this.view, this.scope, this.retention);
  }
}

defineCatalogueViews(ReaderParts, {
  entities: ({ view, scope }, kind) => new StoredEntities(kind, view, scope),
  logs: ({ view, scope }, kind) => new StoredLogs(kind, view, scope),
});

function positionLostError(stream: Stream, after: number, head: number): AppError {
  return new AppError('POSITION_LOST', `The events behind ${after} of ${stream} are not kept.`, {
    stream,
    head,
  });
}

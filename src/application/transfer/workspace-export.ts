import { streamOfProject } from '../../domain/channel.ts';
import { AppError } from '../../domain/errors.ts';
import { formatPosition } from '../../domain/position.ts';
import type { DigestFunction } from '../../domain/transfer/backlog-item.ts';
import type { PageKey } from '../../domain/values/page.ts';
import type { ActorEntityReaders, ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import { collectionOf } from '../store/collection-of.ts';
import { type EntityOf, type Kind, type LogKind, logKinds } from '../store/collections.ts';
import { eachEntity } from '../store/paginate.ts';
import type { LogOwner } from '../store/store.ts';
import { decodeExportCursor, type ExportCursor, encodeExportCursor } from './export-cursor.ts';
import { linesOfView } from './lines-of-view.ts';
import { entityLine, exportedKinds, exportHeader, type WorkspaceLine } from './workspace-lines.ts';

/** A page of an export ends with the line that takes it over so many characters. */
const pageLength = 4 * 1024 * 1024;

/** How many entries of a log are read at once: contents may be large. */
const logBatchSizes: Readonly<Record<LogKind, number>> = { timeline: 500, activity: 500, contents: 1 };

/** A part of an export: its lines, and the cursor of the next part, null after the last. */
export interface ExportPage {
  readonly lines: readonly string[];
  readonly next: string | null;
}

/** Exports everything that is stored, except credentials. */
export class WorkspaceExport {
  readonly #open: ActorStoreFactory;
  readonly #digest: DigestFunction;

  constructor(open: ActorStoreFactory, digest: DigestFunction) {
    this.#open = open;
    this.#digest = digest;
  }

  /**
   * The part of the export after the cursor, the first without one. All parts show one state: throws CONFLICT when
   * anything changed since the first, and VALIDATION_ERROR for an invalid cursor.
   */
  async page(call: Call, cursor?: string): Promise<ExportPage> {
    const from = cursor === undefined ? undefined : decodeExportCursor(cursor);
    const page = await this.#open(call).read(async (reader) => {
      const state = this.#digest(await streamPositions(reader));
      if (from !== undefined && from.state !== state) throw exportOutdatedError();
      return readPage(reader, from ?? { state, kind: exportedKinds[0] as Kind, count: 0 });
    });
    // An export reads every stream; their positions are more than the headers of an answer can hold.
    call.outcome.positions.clear();
    return page;
  }

  /**
   * All lines of the export, some at a time and no faster than they are taken: one view of everything, whatever is
   * committed meanwhile. Throws CONFLICT in the middle when the view was lost.
   */
  lines(call: Call): AsyncIterable<string> {
    return linesOfView(this.#open(call), exportedLines);
  }
}

async function* exportedLines(reader: ActorReader): AsyncGenerator<WorkspaceLine> {
  const start: ExportCursor = { state: '', kind: exportedKinds[0] as Kind, count: 0 };
  for await (const { line } of linesAfter(reader, start)) yield line;
}

async function readPage(reader: ActorReader, from: ExportCursor): Promise<ExportPage> {
  const lines: string[] = [];
  let length = 0;
  let { count } = from;
  for await (const { line, cursor } of linesAfter(reader, from)) {
    count += 1;
    const text = JSON.stringify(line);
    lines.push(text);
    length += text.length;
    if (length > pageLength)
      return { lines, next: encodeExportCursor({ ...cursor, state: from.state, count }) };
  }
  const end: WorkspaceLine = { end: true, lines: count + 1 };
  return { lines: [...lines, JSON.stringify(end)], next: null };
}

type LineCursor = Pick<ExportCursor, 'kind' | 'after' | 'log'>;
interface ExportedLine {
  readonly line: WorkspaceLine;
  readonly cursor: LineCursor;
}

async function* linesAfter(reader: ActorReader, from: ExportCursor): AsyncGenerator<ExportedLine> {
  if (from.count === 0) yield { line: exportHeader, cursor: { kind: from.kind } };
  for (const kind of exportedKinds.slice(exportedKinds.indexOf(from.kind))) {
    yield* entityLinesAfter(reader, kind, kind === from.kind ? from : { kind });
  }
}

/** The lines of every entity of a kind after a cursor, each before those of the logs that go with it. */
export async function* entityLinesAfter<K extends Kind>(
  reader: ActorReader,
  kind: K,
  from: LineCursor,
): AsyncGenerator<ExportedLine> {
  const readers: ActorEntityReaders = reader;
  const entities = readers[kind];
  const { id, sorts } = collectionOf(kind);
  if (from.after !== undefined) {
    const owner = await entities.get(from.after.id);
    if (owner !== undefined) yield* logLinesAfter(reader, kind, owner, from.after, from.log);
  }
  for (let after = from.after; ; ) {
    const { items, next } = await entities.list({ limit: 200, after });
    for (const entity of items) {
      const key = { key: sorts.createdAt(entity), id: id(entity) };
      yield { line: entityLine(kind, entity), cursor: { kind, after: key } };
      yield* logLinesAfter(reader, kind, entity, key);
    }
    if (next === null) return;
    after = next;
  }
}

/** The entries of the logs that go with an entity, after the one that `last` names. */
async function* logLinesAfter<K extends Kind>(
  reader: ActorReader,
  kind: K,
  entity: EntityOf<K>,
  after: PageKey,
  last?: ExportCursor['log'],
): AsyncGenerator<ExportedLine> {
  for (const { log, owner } of await logsOf(reader, kind, entity, last?.kind)) {
    for (let n = log === last?.kind ? last.n : 0; ; ) {
      const items = await reader[log].read(owner, n, logBatchSizes[log]);
      for (const item of items) {
        n = item.n;
        const line = { log, of: owner.id, projectId: owner.projectId, n, entry: item.entry } as WorkspaceLine;
        yield { line, cursor: { kind, after, log: { kind: log, n } } };
      }
      if (items.length < logBatchSizes[log]) break;
    }
  }
}

interface OwnedLog {
  readonly log: LogKind;
  readonly owner: LogOwner;
}

/** The logs that are exported with this entity, from the kind `from` on. */
async function logsOf<K extends Kind>(
  reader: ActorReader,
  kind: K,
  entity: EntityOf<K>,
  from: LogKind = logKinds[0] as LogKind,
): Promise<readonly OwnedLog[]> {
  if (kind === 'sessions') {
    // An entity of the kind that was just compared.
    const owner = entity as EntityOf<'sessions'>;
    return logKinds.slice(logKinds.indexOf(from)).map((log) => ({ log, owner }));
  }
  return kind === 'documents' ? orphanedContents(reader, entity as EntityOf<'documents'>) : [];
}

/** The contents that have outlived their session are told with the first of the documents that lie in them. */
async function orphanedContents(
  reader: ActorReader,
  { id, projectId, content }: EntityOf<'documents'>,
): Promise<readonly OwnedLog[]> {
  if (content === undefined || (await reader.sessions.get(content.log)) !== undefined) return [];
  const { items } = await reader.documents.list({ where: { log: content.log }, limit: 1 });
  return items[0]?.id === id ? [{ log: 'contents', owner: { id: content.log, projectId } }] : [];
}

/** Where every stream stands: this changes with everything that is committed. */
async function streamPositions(reader: ActorReader): Promise<string> {
  const heads = [formatPosition(await reader.events.head(streamOfProject(null)))];
  for await (const { id } of eachEntity(reader.projects, {}))
    heads.push(formatPosition(await reader.events.head(streamOfProject(id))));
  return heads.join();
}

function exportOutdatedError(): AppError {
  return new AppError(
    'CONFLICT',
    'Something was changed since this export began; begin it again without a cursor.',
  );
}

import { newId } from '../../domain/values/id.ts';
import type { OptionalFields } from '../../domain/values/immutable.ts';
import type { Page, PageRequest } from '../../domain/values/page.ts';
import { type Document, type DocumentEntry, toDocumentEntry } from '../../domain/work/document.ts';
import { changeSession, type SessionView } from '../../domain/work/session.ts';
import type { SessionActivity, TimelineEntry } from '../../domain/work/timeline.ts';
import type { ActorReader, ActorStoreFactory } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';
import type { LogEntryOf } from '../store/collections.ts';
import { requireReportingSession } from './session-access.ts';
import { assertSameProject } from './task-session-links.ts';
import { runUnit, type UnitOfWork } from './unit-of-work.ts';

/** An entry for a session's timeline, as a client reports it. */
export type TimelineReport = Pick<TimelineEntry, 'type'> &
  OptionalFields<Pick<TimelineEntry, 'message' | 'taskId' | 'metadata'>>;

/** A document as a client adds it. */
export interface DocumentInput {
  readonly title: string;
  readonly filePath: string;
  readonly content?: string | undefined;
  readonly taskId?: string | undefined;
}

/** A document as the list of a task shows it. */
export type TaskDocument = DocumentEntry & { readonly sessionId: string; readonly sessionName: string };

/** A page of documents ends after so many bytes of content, but holds at least one. */
const maxPageBytes = 16 * 1024 * 1024;

/** What sessions append and never change: timeline, events and documents. */
export class SessionLogService {
  readonly #open: ActorStoreFactory;

  constructor(open: ActorStoreFactory) {
    this.#open = open;
  }

  /** The timeline of a session, oldest first. Throws NOT_FOUND. */
  timeline(call: Call, id: string, page: PageRequest): Promise<Page<TimelineEntry>> {
    return this.#open(call).read((reader) => pageOf(reader, 'timeline', id, page));
  }

  /** The events that a session's tools noticed, oldest first. Throws NOT_FOUND. */
  activity(call: Call, id: string, page: PageRequest): Promise<Page<SessionActivity>> {
    return this.#open(call).read((reader) => pageOf(reader, 'activity', id, page));
  }

  /** Reports to a session's timeline; `needs_input` asks for a person. Throws NOT_FOUND, FORBIDDEN. */
  report(call: Call, id: string, report: TimelineReport): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      const session = await requireReportingSession(call, unit, id);
      const { type, message, taskId } = report;
      if (taskId !== undefined) await unit.task(taskId);
      if (type === 'needs_input') {
        const needsInput = { active: true, ...(message === undefined ? {} : { message }), since: unit.now };
        unit.putSession(changeSession(session, { needsInput }, unit.now));
      }
      await unit.addTimelineEntry(id, report);
      if (type === 'progress') {
        unit.deferEvent('notify:progress', {
          sessionId: id,
          projectId: session.projectId,
          ...(taskId === undefined ? {} : { taskId }),
          ...(message === undefined ? {} : { message }),
        });
      }
      return unit.saveAndViewSession(id);
    });
  }

  /** Reports on a task to a session's timeline, and answers what it took. Throws NOT_FOUND, FORBIDDEN. */
  async reportOnTask(
    call: Call,
    taskId: string,
    { sessionId, type, message }: { sessionId: string; type: TimelineReport['type']; message: string },
  ) {
    await this.report(call, sessionId, { type, message, taskId });
    return { success: true as const, taskId, sessionId, message, type };
  }

  /** Notes what the session's tools noticed. Throws NOT_FOUND, FORBIDDEN. */
  recordActivity(
    call: Call,
    id: string,
    activity: Pick<SessionActivity, 'type'> & OptionalFields<SessionActivity>,
  ): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await requireReportingSession(call, unit, id);
      await unit.addActivity(id, activity);
      return unit.saveAndViewSession(id);
    });
  }

  /** Adds a document to a session. Throws NOT_FOUND, FORBIDDEN. */
  addDocument(call: Call, id: string, input: DocumentInput): Promise<SessionView> {
    return runUnit(this.#open(call), async (unit) => {
      await storeDocument(call, unit, id, input);
      return unit.saveAndViewSession(id);
    });
  }

  /** Adds a document of the session to a task of its project. Throws NOT_FOUND, FORBIDDEN, VALIDATION_ERROR. */
  addTaskDocument(
    call: Call,
    taskId: string,
    { sessionId, ...input }: Omit<DocumentInput, 'taskId'> & { readonly sessionId: string },
  ): Promise<TaskDocument> {
    return runUnit(this.#open(call), async (unit) => {
      const document = await storeDocument(call, unit, sessionId, { ...input, taskId });
      await unit.saveAndViewSession(sessionId);
      return toTaskDocument(document, input.content);
    });
  }

  /** The documents of a session with their content, oldest first. Throws NOT_FOUND. */
  documentsOfSession(call: Call, id: string, page: PageRequest): Promise<Page<DocumentEntry>> {
    return this.#open(call).read(async (reader) => {
      await reader.sessions.require(id);
      const found = await reader.documents.list({ ...page, where: { sessionId: id } });
      return withContents(reader, found, (document, content) => toDocumentEntry(document, content));
    });
  }

  /** The documents of a task and, of its sessions, those about no task; oldest first. Throws NOT_FOUND. */
  documentsOfTask(call: Call, id: string, page: PageRequest): Promise<Page<TaskDocument>> {
    return this.#open(call).read(async (reader) => {
      const { sessionIds } = await reader.tasks.require(id);
      const about = await reader.documents.list({ ...page, where: { taskId: id } });
      const beside =
        sessionIds.length === 0
          ? { items: [], next: null, total: 0 }
          : await reader.documents.list({ ...page, where: { sessionId: sessionIds, taskId: null } });
      return withContents(reader, mergePages(about, beside, page.limit), toTaskDocument);
    });
  }
}

/** Stores a document of the session, and says so in its timeline. */
async function storeDocument(
  call: Call,
  unit: UnitOfWork,
  sessionId: string,
  { title, filePath, content, taskId }: DocumentInput,
): Promise<Document> {
  const session = await requireReportingSession(call, unit, sessionId);
  if (taskId !== undefined) assertSameProject(session, await unit.task(taskId));
  const documentId = newId('doc', unit.now);
  const at =
    content === undefined
      ? undefined
      : {
          log: sessionId,
          n: await unit.tx.contents.append(session, { documentId, content }),
          bytes: new TextEncoder().encode(content).length,
        };
  const about = taskId === undefined ? {} : { taskId };
  const document = await unit.tx.documents.insert({
    id: documentId,
    projectId: session.projectId,
    sessionId,
    sessionName: session.name,
    ...about,
    title,
    filePath,
    addedAt: unit.now,
    addedBy: sessionId,
    ...(at === undefined ? {} : { content: at }),
    version: 1,
  });
  await unit.addTimelineEntry(sessionId, {
    type: 'doc_added',
    message: `Added: ${title}`,
    ...about,
    metadata: { docId: documentId, filePath, title },
  });
  return document;
}

function toTaskDocument(document: Document, content: string | undefined): TaskDocument {
  return {
    ...toDocumentEntry(document, content),
    sessionId: document.sessionId ?? document.addedBy,
    sessionName: document.sessionName,
  };
}

async function pageOf<L extends 'timeline' | 'activity'>(
  reader: ActorReader,
  log: L,
  id: string,
  { limit, after }: PageRequest,
): Promise<Page<LogEntryOf<L>>> {
  const session = await reader.sessions.require(id);
  const logs = reader[log];
  const total = await logs.count(session);
  const start = Number(after?.key ?? 0);
  const items = await logs.read(session, start, limit);
  const end = start + items.length;
  return {
    // The log of kind L holds entries of kind L, which the compiler cannot see through the union.
    items: items.map((item) => item.entry as LogEntryOf<L>),
    next: end < total ? { key: end, id } : null,
    total,
  };
}

/** The first `limit` documents of two pages in the one order of both. */
function mergePages(a: Page<Document>, b: Page<Document>, limit: number): Page<Document> {
  const items = [...a.items, ...b.items].sort((x, y) => x.addedAt - y.addedAt || (x.id < y.id ? -1 : 1));
  const cut = items.slice(0, limit);
  const more = items.length > limit || a.next !== null || b.next !== null;
  const total = a.total === undefined || b.total === undefined ? undefined : a.total + b.total;
  return { items: cut, next: more ? keyOf(cut.at(-1)) : null, ...(total === undefined ? {} : { total }) };
}

async function withContents<T>(
  reader: ActorReader,
  page: Page<Document>,
  show: (document: Document, content: string | undefined) => T,
): Promise<Page<T>> {
  let bytes = 0;
  const fitting = page.items.filter((document, i) => {
    bytes += document.content?.bytes ?? 0;
    return i === 0 || bytes <= maxPageBytes;
  });
  const items: T[] = [];
  for (const document of fitting) items.push(show(document, await contentOf(reader, document)));
  const cut = fitting.length < page.items.length;
  return { ...page, items, next: cut ? keyOf(fitting.at(-1)) : page.next };
}

async function contentOf(reader: ActorReader, { content, projectId }: Document): Promise<string | undefined> {
  if (content === undefined) return undefined;
  const [item] = await reader.contents.read({ id: content.log, projectId }, content.n - 1, 1);
  return item?.entry.content;
}

function keyOf(document: Document | undefined): Page<Document>['next'] {
  return document === undefined ? null : { key: document.addedAt, id: document.id };
}

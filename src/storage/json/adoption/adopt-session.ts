import type { EntityOf } from '../../../application/store/collections.ts';
import { idSchema } from '../../../domain/values/id.ts';
import { documentSchema } from '../../../domain/work/document.ts';
import { sessionSchema } from '../../../domain/work/session.ts';
import { sessionActivitySchema, timelineEntrySchema } from '../../../domain/work/timeline.ts';
import type { RestoreRecord } from '../restore/restore-folder.ts';
import { parseInstant } from './adopt-task.ts';
import { filterValid, fitToSchema, isJsonObject, type LegacyObject, type Remark } from './legacy-value.ts';

type Session = EntityOf<'sessions'>;

/** A session of another server as it is here, and what of it has a place of its own here. */
export interface AdoptedSession {
  readonly session: Session;
  readonly documents: readonly EntityOf<'documents'>[];
  readonly logs: readonly RestoreRecord[];
}

const { env: envSchema } = sessionSchema.shape;

/** Takes a session apart: its timeline, events and documents are logs and entities here. */
export function adoptSession(
  id: string,
  old: LegacyObject,
  projectId: string,
  remark: Remark,
): AdoptedSession {
  const { taskId, timeline, events, docs, ...rest } = old;
  const startedAt = parseInstant(old.startedAt ?? old.createdAt);
  const lastActivity = Math.max(startedAt, parseInstant(old.lastActivity));
  const taskIds = filterValid(old.taskIds ?? [taskId], idSchema);
  const candidate = {
    ...rest,
    projectId,
    taskIds,
    status: old.status === 'running' ? 'working' : old.status,
    env: filterEnvironment(old.env, remark),
    version: 1,
  };
  if (candidate.status !== old.status) remark('status became "working"', old.status);
  const otherwise = {
    name: `Session ${id}`,
    strategy: 'simple',
    status: 'stopped',
    startedAt,
    lastActivity,
    completedAt: null,
    hostname: '',
    platform: '',
  };
  const session = sessionSchema.parse(fitToSchema(candidate, sessionSchema.shape, otherwise, remark));
  const entries = adoptEntries(
    id,
    'timeline',
    timeline,
    timelineEntrySchema.shape,
    { type: 'progress' },
    remark,
  );
  const activity = adoptEntries(
    id,
    'activity',
    events,
    sessionActivitySchema.shape,
    { type: 'unknown' },
    remark,
  );
  const { documents, contents } = adoptDocuments(session, docs, remark);
  const records = (log: 'timeline' | 'activity' | 'contents', all: readonly unknown[]) =>
    all.map((entry, i): RestoreRecord => ({ log, of: id, projectId, n: i + 1, entry }));
  const logs = [
    ...records('timeline', entries),
    ...records('activity', activity),
    ...records('contents', contents),
  ];
  return { session, documents, logs };
}

/** Secrets, and whatever else is not of this system, are dropped; their values are told to nobody. */
function filterEnvironment(old: unknown, remark: Remark): LegacyObject {
  const env = Object.entries(isJsonObject(old) ? old : {});
  const kept = env.filter(([name, value]) => envSchema.safeParse({ [name]: value }).success);
  const dropped = env.filter((pair) => !kept.includes(pair)).map(([name]) => name);
  if (dropped.length > 0) remark(`dropped ${dropped.join(', ')} of its environment`);
  return Object.fromEntries(kept);
}

function adoptEntries(
  sessionId: string,
  log: string,
  old: unknown,
  shape: Parameters<typeof fitToSchema>[1],
  otherwise: LegacyObject,
  remark: Remark,
): readonly unknown[] {
  const all = Array.isArray(old) ? old : [];
  const kept = all.filter(isJsonObject);
  if (kept.length < all.length) {
    const dropped = all.filter((entry) => !isJsonObject(entry));
    remark(`dropped ${dropped.length} entries of its ${log} that are none`, dropped);
  }
  return kept.map((entry, i) =>
    fitToSchema(
      entry,
      shape,
      { ...otherwise, id: `evt_${sessionId.slice(0, 100)}_${i + 1}`, timestamp: 0 },
      (what, was) => remark(`${log} entry ${i + 1}: ${what}`, was),
    ),
  );
}

function adoptDocuments({ id, projectId, name }: Session, old: unknown, remark: Remark) {
  const documents: EntityOf<'documents'>[] = [];
  const contents: { documentId: string; content: string }[] = [];
  for (const [i, doc] of (Array.isArray(old) ? old : []).entries()) {
    if (!isJsonObject(doc)) {
      remark(`dropped document ${i + 1}, which is none`, doc);
      continue;
    }
    const { content, ...rest } = doc;
    const documentId = idSchema.safeParse(doc.id).success
      ? String(doc.id)
      : `doc_${id.slice(0, 100)}_${i + 1}`;
    const text = typeof content === 'string' ? content : undefined;
    if (text !== undefined) contents.push({ documentId, content: text });
    const place =
      text === undefined ? {} : { content: { log: id, n: contents.length, bytes: Buffer.byteLength(text) } };
    const candidate = { ...rest, id: documentId, projectId, sessionId: id, sessionName: name, version: 1 };
    const otherwise = { title: 'Untitled', filePath: 'unknown', addedAt: 0, addedBy: id };
    const document = fitToSchema({ ...candidate, ...place }, documentSchema.shape, otherwise, (what, was) =>
      remark(`document ${documentId}: ${what}`, was),
    );
    documents.push(documentSchema.parse(document));
  }
  return { documents, contents };
}

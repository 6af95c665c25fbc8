import { toDocumentEntry } from '../../domain/work/document.ts';
import type { Session, SessionView } from '../../domain/work/session.ts';
import type { ActorLogs } from '../access/actor-logs.ts';
import type { ActorReader } from '../access/actor-store.ts';
import type { LogEntryOf } from '../store/collections.ts';

/** How many of the newest entries of each log a session shows. */
const recentEntryLimit = 20;

/** How many entries the logs of a session have, where that is known without a look. */
export type KnownCounts = Partial<Readonly<Record<'timeline' | 'activity', number>>>;

/** The session as clients see it: with the newest entries of its logs, oldest first, and how many there are. */
export async function viewSession(
  reader: ActorReader,
  session: Session,
  known: KnownCounts = {},
): Promise<SessionView> {
  const timeline = await newestEntries(reader, 'timeline', session, known.timeline);
  const activity = await newestEntries(reader, 'activity', session, known.activity);
  const documents = await reader.documents.list({
    where: { sessionId: session.id },
    descending: true,
    limit: recentEntryLimit,
    count: true,
  });
  return {
    ...session,
    timeline: timeline.entries,
    timelineCount: timeline.count,
    events: activity.entries,
    eventsCount: activity.count,
    docs: documents.items.map((document) => toDocumentEntry(document)).reverse(),
    docsCount: documents.total ?? documents.items.length,
  };
}

async function newestEntries<L extends 'timeline' | 'activity'>(
  reader: { readonly [Log in L]: ActorLogs<Log> },
  log: L,
  session: Session,
  known: number | undefined,
): Promise<{ count: number; entries: LogEntryOf<L>[] }> {
  const count = known ?? (await reader[log].count(session));
  const items =
    count === 0
      ? []
      : await reader[log].read(session, Math.max(0, count - recentEntryLimit), recentEntryLimit);
  return { count, entries: items.map((item) => item.entry) };
}

import type { Actor } from '../../domain/access/access.ts';
import { graceAfterStop, type Session } from '../../domain/work/session.ts';
import type { EntityReader } from '../store/store.ts';

/** How long the token of a completed session is taken after the end where nothing else is said: 15 minutes. */
const defaultGrace = 15 * 60_000;

interface CredentialReader {
  readonly tokens: Pick<EntityReader<'tokens'>, 'get'>;
  readonly sessions: Pick<EntityReader<'sessions'>, 'get'>;
}

/**
 * Why what the actor holds is not taken at this instant, as a sentence; undefined when nothing speaks against it. A token
 * without a record was signed elsewhere and ends by its expiry; one that is bound holds while its session does.
 */
export async function rejectionReason(
  reader: CredentialReader,
  { tokenId, sessionId }: Pick<Actor, 'tokenId' | 'sessionId'>,
  now: number,
): Promise<string | undefined> {
  if (await isRevoked(reader, tokenId)) return 'The token was revoked.';
  return sessionId === undefined ? undefined : sessionRejectionReason(reader, sessionId, now);
}

/** Whether the actor's credential has ended by itself at this instant; one without an end never has. */
export function hasExpired(actor: Actor, now: number): boolean {
  return actor.expiresAt !== undefined && actor.expiresAt <= now;
}

async function isRevoked({ tokens }: CredentialReader, id: string | undefined): Promise<boolean> {
  const record = id === undefined ? undefined : await tokens.get(id);
  return record !== undefined && record.revokedAt !== null;
}

/** A session answers for those it spawned: they end with it, and with whatever spawned it. */
async function sessionRejectionReason(
  reader: CredentialReader,
  sessionId: string,
  now: number,
): Promise<string | undefined> {
  let child: Session | undefined;
  for (let id: string | null = sessionId; id !== null; ) {
    const session: Session | undefined = await reader.sessions.get(id);
    // One that began later has taken over the id of one that was deleted.
    if (session === undefined || (child !== undefined && session.startedAt > child.startedAt)) {
      return `The session ${id} of this token does not exist any more.`;
    }
    // What a stopped session spawned ends with it at once.
    if (hasAccessEnded(session, now) || (child !== undefined && session.status === 'stopped'))
      return `The session ${id} of this token has ended: it is ${session.status}.`;
    if (await isRevoked(reader, session.launch?.creatorTokenId)) {
      return `The token that session ${id} was spawned with was revoked.`;
    }
    child = session;
    id = session.launch?.parentSessionId ?? null;
  }
  return undefined;
}

/** Agents report after the end: of a completed session, and of one that was stopped, for a shorter time. */
function hasAccessEnded({ status, completedAt, launch }: Session, now: number): boolean {
  const endedFor = now - (completedAt ?? 0);
  if (status === 'completed') return endedFor >= (launch?.graceMs ?? defaultGrace);
  if (status === 'stopped') return endedFor >= graceAfterStop(launch);
  return status === 'failed';
}

import { newToken, type Token } from '../../domain/access/token.ts';
import type { Session } from '../../domain/work/session.ts';
import type { ActorTransaction } from '../access/actor-store.ts';
import type { Call } from '../access/call.ts';

/** How long tokens of sessions are good for, in milliseconds. */
export interface TokenPolicy {
  /** Before one has to be renewed. */
  readonly lifetimeMs: number;
  /** Once its session has completed. */
  readonly graceMs: number;
}

/** What an agent is started with beside its own environment, its token as MAESTRO_TOKEN among it. */
export type AgentEnvironment = Readonly<Record<string, string>>;

/** Until when what this actor spawns may act: as long as the actor, who may be a session with an end of its own. */
export function notAfter({ actor }: Call, parent: Session | undefined): number | undefined {
  return actor.sessionId !== undefined && parent?.launch !== undefined
    ? parent.launch.until
    : actor.expiresAt;
}

/** The record of the token of a new session: bound to it, in its project only, and never for longer than its creator's. */
export function newSessionToken(
  call: Call,
  sessionId: string,
  projectId: string,
  until: number | undefined,
  now: number,
  { lifetimeMs }: TokenPolicy,
): Token {
  const request = { role: 'agent', projects: [projectId], sessionId, subject: sessionId } as const;
  const record = newToken({ ...request, lifetime: Math.ceil(lifetimeMs / 1000) }, call.actor.id, now);
  const ends = [until, call.actor.expiresAt].filter((end) => end !== undefined);
  return { ...record, expiresAt: Math.min(record.expiresAt, ...ends) };
}

/** The record of the session's token, prolonged as far as its creator may. */
export async function extendToken(
  tx: ActorTransaction,
  record: Token,
  until: number | undefined,
  { lifetimeMs }: TokenPolicy,
): Promise<Token> {
  const wanted = (Math.floor(tx.now / 1000) + Math.ceil(lifetimeMs / 1000)) * 1000;
  const expiresAt = Math.max(record.expiresAt, Math.min(wanted, until ?? wanted));
  if (expiresAt === record.expiresAt) return record;
  await tx.lock('workspace');
  return tx.tokens.update({ ...record, expiresAt });
}

/** The session's environment with its token. */
export function environmentOf(session: Pick<Session, 'env'>, token: string): AgentEnvironment {
  return { ...session.env, MAESTRO_TOKEN: token };
}

import type { Role } from '../../domain/access/access.ts';
import { type Identity, toIdentity } from '../../domain/access/identity.ts';
import { validationError } from '../../domain/errors.ts';
import { newId } from '../../domain/values/id.ts';
import { omitUndefined } from '../../domain/values/immutable.ts';
import type { Page } from '../../domain/values/page.ts';
import type { Token } from '../store/collections.ts';
import type { Query } from '../store/store.ts';
import type { ActorStoreFactory, ActorTransaction } from './actor-store.ts';
import { assertVersionMatches, type Call } from './call.ts';

/** How long a token is good for at most: 365 days in seconds. */
export const maxTokenLifetime = 365 * 86_400;

/** How long a token is good for when nothing else is asked: 30 days in seconds. */
const defaultTokenLifetime = 30 * 86_400;

/** How many characters the ids of a token's projects may have together: the token has to fit into a header. */
const maxProjectIdsLength = 2_400;

/** What a new token is to be. */
export interface TokenRequest {
  readonly role: Role;
  /** Ids, or a single `*` for all. An admin has all, and an agent of a session has that of the session, unsaid. */
  readonly projects?: readonly string[] | undefined;
  /** The one session an agent works for. */
  readonly sessionId?: string | undefined;
  /** Who holds it, as events and the log name them; the id of the token by default. */
  readonly subject?: string | undefined;
  /** In seconds. */
  readonly lifetime?: number | undefined;
}

/** Makes the token that a record describes: always the same for the same record. */
export type SignToken = (record: Token) => string;

/** What may be done with access tokens. */
export class TokenService {
  readonly #open: ActorStoreFactory;
  readonly #sign: SignToken;

  constructor(open: ActorStoreFactory, sign: SignToken) {
    this.#open = open;
    this.#sign = sign;
  }

  /** The records of all tokens, never the tokens. */
  list(call: Call, query: Query<'tokens'>): Promise<Page<Token>> {
    return this.#open(call).read((reader) => reader.tokens.list(query));
  }

  /**
   * A new token with its record. Throws NOT_FOUND for a project or session that does not exist, and VALIDATION_ERROR
   * for claims that contradict each other.
   */
  async create(call: Call, request: TokenRequest): Promise<Token & { readonly token: string }> {
    const record = await this.#open(call).transaction(async (tx) => {
      const draft = newToken(
        { ...request, projects: await resolveProjects(tx, request) },
        call.actor.id,
        tx.now,
      );
      await tx.lock('workspace');
      return tx.tokens.insert(draft);
    });
    return { ...record, token: this.#sign(record) };
  }

  /** Makes the token useless from now on; a second time changes nothing. Throws NOT_FOUND, PRECONDITION_FAILED. */
  revoke(call: Call, id: string): Promise<{ success: true; id: string }> {
    return this.#open(call).transaction(async (tx) => {
      const record = await tx.tokens.require(id);
      assertVersionMatches(call, record);
      if (record.revokedAt === null) await tx.tokens.update({ ...record, revokedAt: tx.now });
      return { success: true, id };
    });
  }

  /** Who the call is made by. */
  whoami({ actor }: Call): Identity {
    return toIdentity(actor);
  }
}

/** The record of a new token. Throws VALIDATION_ERROR. */
export function newToken(request: TokenRequest, createdBy: string, now: number): Token {
  const { role, projects = [], sessionId, subject, lifetime = defaultTokenLifetime } = request;
  const all = projects.includes('*');
  if (lifetime > maxTokenLifetime) throw validationError('lifetime', 'a token is good for 365 days at most');
  if (projects.length === 0)
    throw validationError('projects', 'name the projects it is for, or ["*"] for all');
  if (all && projects.length > 1) throw validationError('projects', '"*" stands for all projects, and alone');
  if (role === 'admin' && !all) throw validationError('projects', 'an admin has all projects: ["*"]');
  if (role !== 'agent' && sessionId !== undefined)
    throw validationError('sessionId', 'only an agent works for a session');
  if (projects.join().length > maxProjectIdsLength) {
    throw validationError(
      'projects',
      'these are too many for one token; make several, or one for all projects: ["*"]',
    );
  }
  const id = newId('tok', now);
  return omitUndefined({
    id,
    subject: subject ?? id,
    role,
    projects: all ? (['*'] as const) : [...new Set(projects)],
    sessionId,
    createdBy,
    createdAt: now,
    // Claims are in whole seconds; the record says what the token says.
    expiresAt: (Math.floor(now / 1000) + lifetime) * 1000,
    revokedAt: null,
    version: 1,
  });
}

/** The projects that are asked for, spelt out, once it is sure that they and the session exist. */
async function resolveProjects(
  tx: ActorTransaction,
  request: TokenRequest,
): Promise<readonly string[] | undefined> {
  const { role, projects, sessionId } = request;
  if (projects === undefined && role === 'admin') return ['*'];
  for (const id of projects ?? []) if (id !== '*') await tx.projects.require(id);
  if (sessionId === undefined) return projects;
  const { projectId } = await tx.sessions.require(sessionId);
  if (projects !== undefined && (projects.length !== 1 || projects[0] !== projectId)) {
    throw validationError(
      'projects',
      `the session ${sessionId} is of ${projectId}; name that, or leave projects out`,
    );
  }
  return [projectId];
}

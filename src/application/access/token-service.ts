import { type Identity, toIdentity } from '../../domain/access/identity.ts';
import { newToken, type Token, type TokenRequest } from '../../domain/access/token.ts';
import { validationError } from '../../domain/errors.ts';
import type { Page } from '../../domain/values/page.ts';
import type { Query } from '../store/store.ts';
import type { ActorStoreFactory, ActorTransaction } from './actor-store.ts';
import { assertVersionMatches, type Call } from './call.ts';

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

import type { Authenticator } from '../../application/access/authenticator.ts';
import { rejectionReason } from '../../application/access/credential-check.ts';
import type { Store } from '../../application/store/store.ts';
import type { Actor } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import type { AccessTokens } from './access-tokens.ts';

/** How many verified tokens are cached. */
const maxCached = 10_000;

/** Authenticates bearer tokens; a token is rejected as soon as it is revoked or its session is over. */
export class TokenAuthenticator implements Authenticator {
  readonly #tokens: AccessTokens;
  readonly #store: Store;
  readonly #cache = new Map<string, Actor>();

  constructor(tokens: AccessTokens, store: Store) {
    this.#tokens = tokens;
    this.#store = store;
  }

  async verify(token: string | undefined): Promise<Actor> {
    if (token === undefined) {
      throw new AppError('UNAUTHORIZED', 'This needs a token: send "Authorization: Bearer <token>".');
    }
    const actor = this.#read(token);
    return this.#store.read(async (reader) => {
      const rejection = await rejectionReason(reader, actor, this.#tokens.now());
      if (rejection !== undefined) throw new AppError('UNAUTHORIZED', rejection);
      const session = actor.sessionId === undefined ? undefined : await reader.sessions.get(actor.sessionId);
      return session?.launch?.role === 'orchestrator' ? { ...actor, isOrchestrator: true } : actor;
    });
  }

  #read(token: string): Actor {
    const cached = this.#cache.get(token);
    if (cached !== undefined && !this.#tokens.hasExpired(cached)) return cached;
    this.#cache.delete(token);
    const actor = this.#tokens.read(token);
    const oldest = this.#cache.size < maxCached ? undefined : this.#cache.keys().next();
    if (oldest?.value !== undefined) this.#cache.delete(oldest.value);
    this.#cache.set(token, actor);
    return actor;
  }
}

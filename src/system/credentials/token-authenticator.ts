import type { Authenticator } from '../../application/access/authenticator.ts';
import { rejectionReason } from '../../application/access/credential-check.ts';
import type { Store } from '../../application/store/store.ts';
import type { Actor } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import type { AccessTokens } from './access-tokens.ts';

/** How many tokens are remembered as verified. */
const mostRemembered = 10_000;

/** Tells actors by bearer tokens under the secret; one that was revoked, or whose session is over, is refused from that moment on. */
export class TokenAuthenticator implements Authenticator {
  readonly #tokens: AccessTokens;
  readonly #store: Store;
  readonly #verified = new Map<string, Actor>();

  constructor(tokens: AccessTokens, store: Store) {
    this.#tokens = tokens;
    this.#store = store;
  }

  async verify(token: string | undefined): Promise<Actor> {
    if (token === undefined) {
      throw new AppError('UNAUTHORIZED', 'This needs a token: send "Authorization: Bearer <token>".');
    }
    const actor = this.#read(token);
    const refusal = await this.#store.read((reader) => rejectionReason(reader, actor, this.#tokens.now()));
    if (refusal !== undefined) throw new AppError('UNAUTHORIZED', refusal);
    return actor;
  }

  #read(token: string): Actor {
    const known = this.#verified.get(token);
    if (known !== undefined && !this.#tokens.hasExpired(known)) return known;
    this.#verified.delete(token);
    const actor = this.#tokens.read(token);
    const oldest = this.#verified.size < mostRemembered ? undefined : this.#verified.keys().next();
    if (oldest?.value !== undefined) this.#verified.delete(oldest.value);
    this.#verified.set(token, actor);
    return actor;
  }
}

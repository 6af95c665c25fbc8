import type { Actor } from '../../domain/access/access.ts';

/** PORT: tells who holds a credential. */
export interface Authenticator {
  /** The actor of this bearer token, or of a request that brought none. Throws UNAUTHORIZED. */
  verify(token: string | undefined): Promise<Actor>;
}

/** For one person's own machine, where everyone is the admin: accepts any token and none. */
export const allowAllAuthenticator: Authenticator = {
  verify: async () => ({ id: 'local', role: 'admin', projects: '*' }),
};

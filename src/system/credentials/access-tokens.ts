import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Token } from '../../application/store/collections.ts';
import { type Actor, projectScopeSchema, roleSchema } from '../../domain/access/access.ts';
import { toActor } from '../../domain/access/identity.ts';
import { AppError } from '../../domain/errors.ts';
import { idSchema } from '../../domain/values/id.ts';

const issuer = 'maestro-server';
const audience = 'maestro-api';

/** How long an expired token is still taken and how far ahead the clock that made one may be, in seconds. */
const expiryTolerance = 30;
const issueTolerance = 60;

const longestToken = 4096;

const headerSchema = z.strictObject({ alg: z.literal('HS256'), typ: z.literal('JWT').optional() });

const claimsSchema = z.object({
  iss: z.literal(issuer),
  aud: z.literal(audience),
  sub: z.string().min(1).max(200),
  jti: idSchema,
  iat: z.int().min(0),
  exp: z.int().min(0),
  role: roleSchema,
  projects: projectScopeSchema,
  session: idSchema.optional(),
});

/** Signs and reads bearer tokens with one secret. */
export class AccessTokens {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly #secret: KeyObject;

  /** `now` gives epoch milliseconds. */
  constructor(secret: KeyObject, now: () => number) {
    this.#secret = secret;
    this.now = now;
  }

  /** The token that the record describes: always the same for the same record. */
  sign(record: Token): string {
    const claims = {
      iss: issuer,
      aud: audience,
      sub: record.subject,
      jti: record.id,
      iat: Math.floor(record.createdAt / 1000),
      exp: Math.floor(record.expiresAt / 1000),
      role: record.role,
      projects: record.projects,
      session: record.sessionId,
    };
    return jwt.sign(claims, this.#secret, { algorithm: 'HS256' });
  }

  /** The actor that the token makes of its bearer, unless it was revoked. Throws UNAUTHORIZED. */
  read(token: string): Actor {
    const now = Math.floor(this.now() / 1000);
    const claims = claimsSchema.safeParse(this.#verified(token, now));
    if (!claims.success || claims.data.iat > now + issueTolerance) throw refused();
    const { sub, jti, exp, role, projects, session } = claims.data;
    return toActor({ subject: sub, role, projects, sessionId: session, tokenId: jti, expiresAt: exp * 1000 });
  }

  /** Whether a token that was read before has expired since. */
  hasExpired(actor: Actor): boolean {
    return actor.expiresAt === undefined || this.now() >= actor.expiresAt + expiryTolerance * 1000;
  }

  #verified(token: string, now: number): unknown {
    if (token.length > longestToken) throw refused();
    try {
      const { header, payload } = jwt.verify(token, this.#secret, {
        algorithms: ['HS256'],
        clockTimestamp: now,
        clockTolerance: expiryTolerance,
        complete: true,
      });
      // The library passes over header fields that it does not know, also those that must not be passed over.
      return headerSchema.safeParse(header).success ? payload : undefined;
    } catch (error) {
      throw error instanceof jwt.TokenExpiredError ? expired() : refused();
    }
  }
}

function refused(): AppError {
  return new AppError('UNAUTHORIZED', 'The token is not valid here.');
}

function expired(): AppError {
  return new AppError('UNAUTHORIZED', 'The token has expired; ask an admin for a new one.');
}

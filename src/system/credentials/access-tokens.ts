import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { type Actor, projectScopeSchema, roleSchema } from '../../domain/access/access.ts';
import { toActor } from '../../domain/access/identity.ts';
import type { Token } from '../../domain/access/token.ts';
import { AppError } from '../../domain/errors.ts';
import { idSchema } from '../../domain/values/id.ts';

const issuer = 'maestro-server';
const audience = 'maestro-api';

/** How many seconds after its end a token is still accepted. */
const expiryToleranceSeconds = 30;

/** How many seconds in the future a token may have been issued, since clocks differ. */
const issueToleranceSeconds = 60;

const maxTokenLength = 4096;

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

/** Signs and verifies bearer tokens with one secret. */
export class AccessTokens {
  /** The clock that tokens are checked against, in epoch milliseconds. */
  readonly now: () => number;
  readonly #secret: KeyObject;

  constructor(secret: KeyObject, now: () => number) {
    this.#secret = secret;
    this.now = now;
  }

  /** The token that the record describes; the same record always gives the same token. */
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

  /** The actor that the token stands for, whether or not it was revoked. Throws UNAUTHORIZED when it is not valid. */
  read(token: string): Actor {
    const now = Math.floor(this.now() / 1000);
    const claims = claimsSchema.safeParse(this.#verify(token, now));
    if (!claims.success || claims.data.iat > now + issueToleranceSeconds) throw invalidTokenError();
    const { sub, jti, exp, role, projects, session } = claims.data;
    return toActor({ subject: sub, role, projects, sessionId: session, tokenId: jti, expiresAt: exp * 1000 });
  }

  /** Whether the token of an actor that was read earlier has expired since. */
  hasExpired(actor: Actor): boolean {
    return actor.expiresAt === undefined || this.now() >= actor.expiresAt + expiryToleranceSeconds * 1000;
  }

  #verify(token: string, now: number): unknown {
    if (token.length > maxTokenLength) throw invalidTokenError();
    try {
      const { header, payload } = jwt.verify(token, this.#secret, {
        algorithms: ['HS256'],
        clockTimestamp: now,
        clockTolerance: expiryToleranceSeconds,
        complete: true,
      });
      // The library ignores header fields that it does not know, even those that RFC 7515 forbids to ignore.
      return headerSchema.safeParse(header).success ? payload : undefined;
    } catch (error) {
      throw error instanceof jwt.TokenExpiredError ? expiredTokenError() : invalidTokenError();
    }
  }
}

function invalidTokenError(): AppError {
  return new AppError('UNAUTHORIZED', 'The token is not valid here.');
}

function expiredTokenError(): AppError {
  return new AppError('UNAUTHORIZED', 'The token has expired; ask an admin for a new one.');
}

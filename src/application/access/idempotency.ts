import { AppError } from '../../domain/errors.ts';
import { collections, type EntityOf } from '../store/collections.ts';
import type { Transaction } from '../store/store.ts';
import type { Call } from './call.ts';
import { sha256Of } from './sha256.ts';

type Attempt = EntityOf<'attempts'>;

const lifetime = collections.attempts.lifetime ?? Infinity;

/** The id of the attempt this call makes: the same for each retry with its key; undefined without a key. */
export async function attemptId(call: Call): Promise<string | undefined> {
  if (call.idempotency === undefined) return undefined;
  return sha256Of(JSON.stringify([call.actor.id, call.idempotency.route, call.idempotency.key]));
}

/**
 * The attempt, if its value is the answer to this call at `now`; undefined when it is missing or has outlived its
 * lifetime. Throws IDEMPOTENCY_MISMATCH when its key was used for a different request.
 */
export function storedResult(attempt: Attempt | undefined, call: Call, now: number): Attempt | undefined {
  if (attempt === undefined || now - attempt.createdAt >= lifetime) return undefined;
  if (attempt.fingerprint !== call.idempotency?.fingerprint) {
    throw new AppError(
      'IDEMPOTENCY_MISMATCH',
      `The Idempotency-Key ${call.idempotency?.key} was used for a different request; take a new key for a new request.`,
    );
  }
  return attempt;
}

/** Keeps the value of this attempt for its retries, in the transaction that made it; replaces an expired attempt. */
export async function storeResult(
  tx: Transaction,
  call: Call,
  id: string,
  value: unknown,
  expired: Attempt | undefined,
): Promise<void> {
  const { fingerprint = '' } = call.idempotency ?? {};
  const attempt = { id, fingerprint, value: value ?? null, createdAt: tx.now, version: 1 };
  if (expired === undefined) await tx.attempts.insert(attempt);
  else await tx.attempts.update({ ...attempt, version: expired.version });
}

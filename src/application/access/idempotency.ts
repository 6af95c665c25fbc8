import { AppError } from '../../domain/errors.ts';
import { collections, type EntityOf } from '../store/collections.ts';
import type { Reader, Transaction } from '../store/store.ts';
import type { Call } from './call.ts';
import { sha256Of } from './sha256.ts';

const lifetime = collections.attempts.lifetime ?? Infinity;

/** The id of the attempt this call makes: the same for each retry with its key; undefined without a key. */
export async function attemptId(call: Call): Promise<string | undefined> {
  if (call.idempotency === undefined) return undefined;
  return sha256Of(JSON.stringify([call.actor.id, call.idempotency.route, call.idempotency.key]));
}

/** The attempt that had this id before, undefined when there was none. Throws IDEMPOTENCY_MISMATCH. */
export async function findResult(
  tx: Transaction,
  call: Call,
  id: string,
): Promise<EntityOf<'attempts'> | undefined> {
  const attempt = await tx.attempts.get(id);
  if (attempt !== undefined && tx.now - attempt.createdAt >= lifetime) {
    await tx.attempts.delete(id);
    return undefined;
  }
  return peekResult(tx, call, id);
}

/** The same for who only looks: it may be found until it has been forgotten. Throws IDEMPOTENCY_MISMATCH. */
export async function peekResult(
  reader: Pick<Reader, 'attempts'>,
  call: Call,
  id: string,
): Promise<EntityOf<'attempts'> | undefined> {
  const attempt = await reader.attempts.get(id);
  if (attempt === undefined) return undefined;
  if (attempt.fingerprint !== call.idempotency?.fingerprint) {
    throw new AppError(
      'IDEMPOTENCY_MISMATCH',
      `The Idempotency-Key ${call.idempotency?.key} was used for a different request; take a new key for a new request.`,
    );
  }
  return attempt;
}

/** Keeps the value of this attempt for its retries, in the transaction that made it. */
export async function storeResult(tx: Transaction, call: Call, id: string, value: unknown): Promise<void> {
  const fingerprint = call.idempotency?.fingerprint ?? '';
  await tx.attempts.insert({ id, fingerprint, value: value ?? null, createdAt: tx.now, version: 1 });
}

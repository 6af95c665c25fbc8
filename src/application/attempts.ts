import { AppError } from '../domain/errors.ts';
import type { Call } from './call.ts';
import type { EntityOf } from './collections.ts';
import type { Reader, Store, Transaction } from './store.ts';

/** How long the outcome under an Idempotency-Key is kept: a day, in milliseconds. */
export const attemptLifetime = 24 * 60 * 60 * 1000;

/** The id of the attempt this call makes: the same for each retry with its key; undefined without a key. */
export async function attemptId(call: Call): Promise<string | undefined> {
  if (call.idempotency === undefined) return undefined;
  const name = JSON.stringify([call.actor.id, call.idempotency.route, call.idempotency.key]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The attempt that had this id before, undefined when there was none. Throws IDEMPOTENCY_MISMATCH. */
export async function recall(
  tx: Transaction,
  call: Call,
  id: string,
): Promise<EntityOf<'attempts'> | undefined> {
  const attempt = await tx.attempts.get(id);
  if (attempt !== undefined && tx.now - attempt.createdAt >= attemptLifetime) {
    await tx.attempts.delete(id);
    return undefined;
  }
  return findAttempt(tx, call, id);
}

/** The same for who only looks: it may be found until it has been forgotten. Throws IDEMPOTENCY_MISMATCH. */
export async function findAttempt(
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
export async function remember(tx: Transaction, call: Call, id: string, value: unknown): Promise<void> {
  const fingerprint = call.idempotency?.fingerprint ?? '';
  await tx.attempts.insert({ id, fingerprint, value: value ?? null, createdAt: tx.now, version: 1 });
}

/** Forgets the attempts older than a day at `now`, some at a time; returns how many. */
export async function forgetOldAttempts(store: Store, now: number): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const { value } = await store.transaction('server', async (tx) => {
      const { items } = await tx.attempts.list({ limit: 500 });
      const old = items.filter((attempt) => attempt.createdAt <= now - attemptLifetime);
      for (const attempt of old) await tx.attempts.delete(attempt.id);
      return old.length;
    });
    forgotten += value;
    if (value < 500) return forgotten;
  }
}

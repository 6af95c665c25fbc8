import type { Actor } from '../domain/access.ts';
import type { EntityReader } from './store.ts';

/** The tokens among these that were revoked; one without a record was signed elsewhere and ends by its expiry. */
export async function revokedAmong(
  tokens: Pick<EntityReader<'tokens'>, 'get'>,
  ids: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const revoked = new Set<string>();
  for (const id of ids) {
    const record = await tokens.get(id);
    if (record !== undefined && record.revokedAt !== null) revoked.add(id);
  }
  return revoked;
}

/** Whether the actor's credential has ended by itself at this instant; one without an end never has. */
export function hasEnded(actor: Actor, now: number): boolean {
  return actor.expiresAt !== undefined && actor.expiresAt <= now;
}

import { maxTokenLifetime, newToken } from '../../application/access/token-service.ts';
import type { Token } from '../../application/store/collections.ts';
import type { Store } from '../../application/store/store.ts';
import type { Actor } from '../../domain/access/access.ts';
import { AppError } from '../../domain/errors.ts';
import { makePrivateFolder, readText, writePrivate } from '../machine/private-file.ts';

const renewal = 30 * 86_400_000;

/** What an admin token is made with. */
export interface AdminTokenNeeds {
  readonly store: Store;
  readonly sign: (record: Token) => string;
  /** The actor of a good token. Throws for any other. */
  readonly verify: (token: string) => Promise<Actor>;
  readonly now: () => number;
}

/**
 * Sees to it that the file holds a token of an admin that is good for 30 days at least; one that is not is replaced
 * by one for a year. Returns whether a new one was made.
 */
export async function keepAdminToken(folder: string, path: string, needs: AdminTokenNeeds): Promise<boolean> {
  const present = await readText(path);
  if (present !== undefined && (await isGood(present, needs))) return false;
  const { value: record } = await needs.store.transaction('server', async (tx) => {
    await tx.lock('workspace');
    const draft = newToken(
      { role: 'admin', projects: ['*'], subject: 'admin', lifetime: maxTokenLifetime },
      'server',
      tx.now,
    );
    return tx.tokens.insert(draft);
  });
  await makePrivateFolder(folder);
  await writePrivate(path, `${needs.sign(record)}\n`);
  return true;
}

async function isGood(token: string, { verify, now }: AdminTokenNeeds): Promise<boolean> {
  try {
    const { role, expiresAt = 0 } = await verify(token);
    return role === 'admin' && expiresAt - now() >= renewal;
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAUTHORIZED') return false;
    throw error;
  }
}

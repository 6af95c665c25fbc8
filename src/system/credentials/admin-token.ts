import type { Store } from '../../application/store/store.ts';
import type { Actor } from '../../domain/access/access.ts';
import { maxTokenLifetime, newToken, type Token } from '../../domain/access/token.ts';
import { AppError } from '../../domain/errors.ts';
import { makePrivateFolder, readTextFile, writePrivateFile } from '../machine/private-file.ts';

/** A token that is valid for less than this is replaced. */
const minRemainingMs = 30 * 86_400_000;

/** What making and checking an admin token takes. */
export interface AdminTokenDependencies {
  readonly store: Store;
  readonly sign: (record: Token) => string;
  /** The actor of a valid token. Throws UNAUTHORIZED for any other. */
  readonly verify: (token: string) => Promise<Actor>;
  readonly now: () => number;
}

/**
 * Ensures that the file holds an admin token that is valid for at least 30 more days; otherwise writes a new one, which
 * is valid for a year. Returns whether a new one was written.
 */
export async function ensureAdminToken(
  folder: string,
  path: string,
  dependencies: AdminTokenDependencies,
): Promise<boolean> {
  const present = await readTextFile(path);
  if (present !== undefined && (await isValid(present, dependencies))) return false;
  const { value: record } = await dependencies.store.transaction('server', async (tx) => {
    await tx.lock('workspace');
    const draft = newToken(
      { role: 'admin', projects: ['*'], subject: 'admin', lifetime: maxTokenLifetime },
      'server',
      tx.now,
    );
    return tx.tokens.insert(draft);
  });
  await makePrivateFolder(folder);
  await writePrivateFile(path, `${dependencies.sign(record)}\n`);
  return true;
}

async function isValid(token: string, { verify, now }: AdminTokenDependencies): Promise<boolean> {
  try {
    const { role, expiresAt = 0 } = await verify(token);
    return role === 'admin' && expiresAt - now() >= minRemainingMs;
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAUTHORIZED') return false;
    throw error;
  }
}

import { createSecretKey, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { maxTokenLifetime, newToken } from '../../../src/domain/access/token.ts';
import { AccessTokens } from '../../../src/system/credentials/access-tokens.ts';
import { ensureAdminToken } from '../../../src/system/credentials/admin-token.ts';
import { TokenAuthenticator } from '../../../src/system/credentials/token-authenticator.ts';
import { createMemoryStore } from '../../storage/model/memory-store.ts';
import { createTempFolder } from '../../support/stores/temp-folder.ts';

const day = 86_400_000;

async function openInstallation() {
  let time = 1_770_000_000_000;
  const now = () => time;
  const store = createMemoryStore({ now });
  const folder = join(await createTempFolder(), 'auth');
  const path = join(folder, 'admin-token');
  const withSecret = () => {
    const tokens = new AccessTokens(createSecretKey(randomBytes(32)), now);
    const authenticator = new TokenAuthenticator(tokens, store);
    return {
      store,
      now,
      sign: tokens.sign.bind(tokens),
      verify: (token: string) => authenticator.verify(token),
    };
  };
  return {
    store,
    folder,
    path,
    withSecret,
    read: async () => (await readFile(path, 'utf8')).trim(),
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('[AU8] the admin token', () => {
  it('is made on the first start, for a year, with a record and for its owner only', async () => {
    const { store, folder, path, withSecret, read } = await openInstallation();
    const dependencies = withSecret();
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    const { role, projects, expiresAt = 0 } = await dependencies.verify(await read());
    expect([role, projects, expiresAt - dependencies.now()]).toEqual(['admin', '*', 365 * day]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['admin-token']);
    const { items } = await store.read((reader) => reader.tokens.list({ limit: 10 }));
    expect(items).toMatchObject([{ subject: 'admin', createdBy: 'server' }]);
  });

  it('is kept while it is good for 30 days, and then renewed without revoking it', async () => {
    const { folder, path, withSecret, read, pass } = await openInstallation();
    const dependencies = withSecret();
    await ensureAdminToken(folder, path, dependencies);
    const first = await read();
    pass(335 * day);
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(false);
    expect(await read()).toBe(first);
    pass(1000);
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    expect(await read()).not.toBe(first);
    expect(await dependencies.verify(first)).toMatchObject({ role: 'admin' });
  });

  it('is renewed when it no longer verifies: another secret, revoked, of another role, or overwritten', async () => {
    const { store, folder, path, withSecret, read } = await openInstallation();
    await ensureAdminToken(folder, path, withSecret());
    const dependencies = withSecret();
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    const { tokenId = '' } = await dependencies.verify(await read());
    await store.transaction('admin', async (tx) => {
      await tx.lock('workspace');
      const record = await tx.tokens.get(tokenId);
      if (record !== undefined) await tx.tokens.update({ ...record, revokedAt: tx.now });
    });
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    const viewer = newToken(
      { role: 'viewer', projects: ['*'], lifetime: maxTokenLifetime },
      'admin',
      dependencies.now(),
    );
    await writeFile(path, dependencies.sign(viewer));
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    await writeFile(path, '');
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(true);
    expect(await ensureAdminToken(folder, path, dependencies)).toBe(false);
  });
});

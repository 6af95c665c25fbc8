import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newToken } from '../../../src/domain/access/token.ts';
import { AccessTokens } from '../../../src/system/credentials/access-tokens.ts';
import { TokenAuthenticator } from '../../../src/system/credentials/token-authenticator.ts';
import { createMemoryStore } from '../../storage/model/memory-store.ts';

async function openAuthenticator() {
  let now = 1_770_000_000_000;
  const store = createMemoryStore({ now: () => now });
  const tokens = new AccessTokens(createSecretKey(randomBytes(32)), () => now);
  const authenticator = new TokenAuthenticator(tokens, store);
  const record = newToken({ role: 'member', projects: ['proj_1'], lifetime: 3600 }, 'admin', now);
  await store.transaction('admin', async (tx) => {
    await tx.lock('workspace');
    await tx.tokens.insert(record);
  });
  return {
    authenticator,
    store,
    record,
    token: tokens.sign(record),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    sign: (id: string) => tokens.sign({ ...record, id }),
  };
}

const unauthorized = (message: RegExp) =>
  expect.objectContaining({ code: 'UNAUTHORIZED', message: expect.stringMatching(message) });

describe('[AU3] a credential', () => {
  it('that is good makes its actor, each time', async () => {
    const { authenticator, token, record } = await openAuthenticator();
    const first = await authenticator.verify(token);
    expect(first).toMatchObject({ id: record.id, role: 'member', tokenId: record.id });
    expect(await authenticator.verify(token)).toEqual(first);
  });

  it('that is missing is refused; one that was signed elsewhere under the secret needs no record', async () => {
    const { authenticator, sign } = await openAuthenticator();
    await expect(authenticator.verify(undefined)).rejects.toThrow(unauthorized(/Authorization: Bearer/));
    expect(await authenticator.verify(sign('tok_elsewhere'))).toMatchObject({ tokenId: 'tok_elsewhere' });
  });

  it('that was used before is refused from its revocation on', async () => {
    const { authenticator, store, token, record } = await openAuthenticator();
    await authenticator.verify(token);
    await store.transaction('admin', async (tx) => {
      await tx.lock('workspace');
      await tx.tokens.update({ ...record, revokedAt: tx.now });
    });
    await expect(authenticator.verify(token)).rejects.toThrow(unauthorized(/revoked/));
  });

  it('that was used before is refused once it has expired', async () => {
    const { authenticator, token, pass } = await openAuthenticator();
    await authenticator.verify(token);
    pass(3_630_000);
    await expect(authenticator.verify(token)).rejects.toThrow(unauthorized(/expired/));
    await expect(authenticator.verify(token)).rejects.toThrow(unauthorized(/expired/));
  });
});

import { describe, expect, it } from 'vitest';
import type { TokenRequest } from '../../../src/domain/access/token.ts';
import { lifetimeSchema, lifetimeSeconds } from '../../../src/domain/values/lifetime.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

const coded = (code: string) => expect.objectContaining({ code });
const day = 86_400_000;

async function openTokens() {
  const bench = openServices();
  const { project } = await projectWithTasks(bench);
  const session = await bench.services.sessions.create(createCall(), { projectId: project.id, taskIds: [] });
  return { bench, tokens: bench.services.tokens, projectId: project.id, sessionId: session.id };
}

describe('[AU4] a new token', () => {
  it('is recorded without itself, for 30 days unless asked otherwise', async () => {
    const { tokens, projectId } = await openTokens();
    const { token, ...record } = await tokens.create(createCall(), { role: 'member', projects: [projectId] });
    expect(token).toBe(`signed:${record.id}`);
    expect(record).toMatchObject({ subject: record.id, createdBy: 'admin', revokedAt: null, version: 1 });
    expect(record.expiresAt - record.createdAt).toBe(30 * day);
    expect((await tokens.list(createCall(), { limit: 10 })).items).toEqual([record]);
  });

  it('of an admin reaches all projects, unsaid', async () => {
    const { tokens } = await openTokens();
    const token = await tokens.create(createCall(), { role: 'admin', subject: 'ada' });
    expect(token).toMatchObject({ projects: ['*'], subject: 'ada' });
  });

  it('of an agent that works for a session reaches the project of that session only', async () => {
    const { bench, tokens, projectId, sessionId } = await openTokens();
    const other = await bench.services.projects.create(createCall(), { name: 'Other' });
    const request: TokenRequest = { role: 'agent', sessionId };
    expect(await tokens.create(createCall(), request)).toMatchObject({ projects: [projectId], sessionId });
    expect(await tokens.create(createCall(), { ...request, projects: [projectId] })).toMatchObject({
      sessionId,
    });
    for (const projects of [['*'], [other.id], [projectId, other.id]]) {
      await expect(tokens.create(createCall(), { ...request, projects })).rejects.toThrow(
        coded('VALIDATION_ERROR'),
      );
    }
  });

  it('is refused for projects and sessions that do not exist', async () => {
    const { tokens, projectId } = await openTokens();
    const nowhere = { role: 'viewer', projects: [projectId, 'proj_none'] } as const;
    await expect(tokens.create(createCall(), nowhere)).rejects.toThrow(coded('NOT_FOUND'));
    const nobody = { role: 'agent', sessionId: 'sess_none' } as const;
    await expect(tokens.create(createCall(), nobody)).rejects.toThrow(coded('NOT_FOUND'));
    expect((await tokens.list(createCall(), { limit: 10 })).items).toEqual([]);
  });

  it.each([
    ['nothing to reach', { role: 'member' }],
    ['an empty reach', { role: 'member', projects: [] }],
    ['an admin of some projects', { role: 'admin', projects: [] }],
    ['a star among others', { role: 'viewer', projects: ['*', '*'] }],
    ['more than a year', { role: 'admin', lifetime: 365 * 86_400 + 1 }],
  ] satisfies [string, TokenRequest][])('is refused with %s', async (_, request) => {
    const { tokens } = await openTokens();
    await expect(tokens.create(createCall(), request)).rejects.toThrow(coded('VALIDATION_ERROR'));
  });

  it('is refused to a member who works for a session, and with more projects than fit into a header', async () => {
    const { bench, tokens, sessionId } = await openTokens();
    const member = tokens.create(createCall(), { role: 'member', sessionId });
    await expect(member).rejects.toThrow(coded('VALIDATION_ERROR'));
    const projects = [];
    for (let i = 0; i < 100; i++)
      projects.push((await bench.services.projects.create(createCall(), { name: 'P' })).id);
    await expect(tokens.create(createCall(), { role: 'viewer', projects })).rejects.toThrow(
      coded('VALIDATION_ERROR'),
    );
    const some = projects.slice(0, 80);
    expect(await tokens.create(createCall(), { role: 'viewer', projects: some })).toMatchObject({
      projects: some,
    });
  });

  it('is the same for each retry with one Idempotency-Key', async () => {
    const { tokens } = await openTokens();
    const idempotency = { key: 'k', route: 'POST /api/tokens', fingerprint: 'f' };
    const first = await tokens.create(createCall({}, { idempotency }), { role: 'admin' });
    expect(await tokens.create(createCall({}, { idempotency }), { role: 'admin' })).toEqual(first);
    expect((await tokens.list(createCall(), { limit: 10 })).items).toHaveLength(1);
  });
});

describe('[AU5] a revoked token', () => {
  it('stays in the list with the time of its revocation, which a second one does not change', async () => {
    const { bench, tokens } = await openTokens();
    const { id } = await tokens.create(createCall(), { role: 'admin' });
    expect(await tokens.revoke(createCall(), id)).toEqual({ success: true, id });
    const [revoked] = (await tokens.list(createCall(), { limit: 1 })).items;
    expect(revoked?.revokedAt).toBeGreaterThan(0);
    bench.advanceClock(1000);
    await tokens.revoke(createCall(), id);
    expect((await tokens.list(createCall(), { limit: 1 })).items).toEqual([revoked]);
  });

  it('must exist', async () => {
    const { tokens } = await openTokens();
    await expect(tokens.revoke(createCall(), 'tok_none')).rejects.toThrow(coded('NOT_FOUND'));
  });
});

describe('[AU6] whoami', () => {
  it('tells what the credential is good for', async () => {
    const { tokens } = await openTokens();
    const projects = new Set(['proj_1']);
    const agent = {
      id: 'ada',
      role: 'agent',
      projects,
      sessionId: 's',
      tokenId: 'tok_1',
      expiresAt: 5,
    } as const;
    expect(tokens.whoami(createCall(agent))).toEqual({
      subject: 'ada',
      role: 'agent',
      projects: ['proj_1'],
      sessionId: 's',
      tokenId: 'tok_1',
      expiresAt: 5,
    });
    expect(tokens.whoami(createCall())).toEqual({ subject: 'admin', role: 'admin', projects: ['*'] });
  });
});

describe('[AU4] a lifetime', () => {
  it.each([
    [90, 90],
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('of %j is %d seconds', (text, seconds) => {
    expect(lifetimeSeconds(lifetimeSchema.parse(text))).toBe(seconds);
  });

  it.each([0, -1, 1.5, '0d', '30', '1w', 'd', '1.5h', ' 1h', '1H', '9999999999d'])(
    'is refused as %j',
    (text) => {
      expect(lifetimeSchema.safeParse(text).success).toBe(false);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { rejectionReason } from '../../../src/application/access/credential-check.ts';
import type { Token } from '../../../src/domain/access/token.ts';
import type { SessionStatus } from '../../../src/domain/work/session.ts';
import {
  createCall,
  openServices,
  projectWithTasks,
  type ServiceHarness,
} from '../../support/services/service-harness.ts';
import { agentActorOf, agentCallOf, createSpawnInput } from '../../support/services/spawn-samples.ts';

const minute = 60_000;

async function stage() {
  const harness = openServices();
  const { project, taskIds } = await projectWithTasks(harness, 'One', 'Two', 'Three');
  const spawn = async (by = createCall(), more = {}) =>
    (await harness.services.spawns.spawn(by, createSpawnInput(project.id, taskIds.slice(0, 2), more)))
      .sessionId;
  const set = (id: string, status: SessionStatus) =>
    harness.services.sessions.update(createCall(), id, { status });
  return { harness, project, taskIds, spawn, set, ...harness.services };
}

async function recordOf(harness: ServiceHarness, sessionId: string): Promise<Token | undefined> {
  const { tokenId = '' } = await agentActorOf(harness, sessionId);
  return harness.store.read((reader) => reader.tokens.get(tokenId));
}

/** Why the token of the session is rejected now, undefined while it is accepted. */
async function rejectionOf(
  harness: ServiceHarness,
  sessionId: string,
  tokenId = '',
): Promise<string | undefined> {
  const now = harness.now();
  return harness.store.read((reader) => rejectionReason(reader, { tokenId, sessionId }, now));
}

describe('the token of a spawned session', () => {
  it('[SP8] is an agent of that session and project, and spawns and launches for that session only', async () => {
    const { harness, project, taskIds, spawn, spawns, launches, sessions } = await stage();
    const parent = await spawn();
    expect(await recordOf(harness, parent)).toMatchObject({
      role: 'agent',
      projects: [project.id],
      sessionId: parent,
      subject: parent,
      createdBy: 'admin',
    });
    const agent = await agentCallOf(harness, parent);
    const child = await spawn(agent, { spawnSource: 'session' });
    expect((await sessions.get(createCall(), child)).launch).toMatchObject({
      parentSessionId: parent,
      createdBy: parent,
    });
    expect(await launches.assign(agent, child, 'me')).toMatchObject({ sessionId: child });
    await expect(launches.assign(agent, parent, 'me')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const other = await spawn(createCall(), { model: 'other' });
    const forbidden = { code: 'FORBIDDEN' };
    await expect(spawn(agent, { sessionId: other })).rejects.toMatchObject(forbidden);
    await expect(spawns.spawn(agent, createSpawnInput(project.id, taskIds))).rejects.toMatchObject(forbidden);
  });

  it('[SP9] never outlives the token of its spawner, nor do those of its children', async () => {
    const { harness, spawn, launches } = await stage();
    const now = harness.now();
    expect((await recordOf(harness, await spawn()))?.expiresAt).toBe(now + 60 * minute);
    const until = now + 5 * minute;
    const parent = await spawn(createCall({ id: 'short', expiresAt: until }));
    expect((await recordOf(harness, parent))?.expiresAt).toBe(until);
    const child = await spawn(await agentCallOf(harness, parent), { model: 'child' });
    expect((await recordOf(harness, child))?.expiresAt).toBe(until);
    harness.advanceClock(minute);
    for (const id of [parent, child]) {
      expect(await launches.renew(await agentCallOf(harness, id), id)).toMatchObject({ expiresAt: until });
    }
  });

  it('[SP10] goes to one launcher of one actor, to that one as often as it asks', async () => {
    const { harness, spawn, launches, sessions, set } = await stage();
    const id = await spawn();
    const claim = await launches.assign(createCall(), id, 'laptop');
    expect(claim).toMatchObject({
      command: 'maestro worker init',
      env: { MAESTRO_SESSION_ID: id, MAESTRO_TOKEN: expect.stringMatching(/^signed:/) },
      session: { launch: { launcherId: 'laptop', claimedBy: 'admin', claimedAt: harness.now() } },
    });
    expect((await sessions.get(createCall(), id)).env).not.toHaveProperty('MAESTRO_TOKEN');
    const names = await harness.eventNamesOf(async () => {
      expect(await launches.assign(createCall(), id, 'laptop')).toEqual(claim);
    });
    expect(names).toEqual([]);
    await expect(launches.assign(createCall(), id, 'desktop')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(launches.assign(createCall({ id: 'eve' }), id, 'laptop')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await set(id, 'failed');
    await expect(launches.assign(createCall(), id, 'laptop')).rejects.toMatchObject({ code: 'CONFLICT' });
    const plain = await sessions.create(createCall(), { projectId: claim.session.projectId, taskIds: [] });
    await expect(launches.assign(createCall(), plain.id, 'laptop')).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('[SP11] is renewed with itself while the session lives, and no other is prolonged', async () => {
    const { harness, project, spawn, set, launches, tokens, sessions } = await stage();
    const id = await spawn();
    harness.advanceClock(50 * minute);
    const agent = await agentCallOf(harness, id);
    expect(await launches.renew(agent, id)).toMatchObject({ expiresAt: harness.now() + 60 * minute });
    expect(await sessions.get(createCall(), id)).toMatchObject({
      status: 'working',
      lastActivity: harness.now(),
    });
    const made = await tokens.create(createCall(), { role: 'agent', sessionId: id, lifetime: 60 });
    const bearer = { ...agent.actor, tokenId: made.id, expiresAt: made.expiresAt };
    expect(await launches.renew(createCall(bearer), id)).toMatchObject({ expiresAt: made.expiresAt });
    const other = await sessions.create(createCall(), { projectId: project.id, taskIds: [] });
    await expect(launches.renew(agent, other.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await set(id, 'completed');
    await expect(launches.renew(await agentCallOf(harness, id), id)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('[SP12] is refused after the grace of a completed or stopped session, at once for one that failed or is gone', async () => {
    const { harness, spawn, set, sessions } = await stage();
    const id = await spawn();
    const agent = await agentCallOf(harness, id);
    await set(id, 'completed');
    harness.advanceClock(15 * minute - 1);
    expect(await rejectionOf(harness, id)).toBeUndefined();
    harness.advanceClock(1);
    expect(await rejectionOf(harness, id)).toContain(id);
    await expect(sessions.update(agent, id, { status: 'working' })).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    await set(id, 'working');
    expect(await rejectionOf(harness, id)).toBeUndefined();
    await set(id, 'failed');
    expect(await rejectionOf(harness, id)).toContain('failed');
    await set(id, 'working');
    await set(id, 'stopped');
    await expect(sessions.update(agent, id, { status: 'working' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect((await sessions.update(agent, id, { status: 'completed' })).status).toBe('completed');
    await set(id, 'working');
    await set(id, 'stopped');
    harness.advanceClock(minute);
    expect(await rejectionOf(harness, id)).toContain('stopped');
    await set(id, 'working');
    await sessions.remove(createCall(), id);
    expect(await rejectionOf(harness, id)).toContain('does not exist');
  });

  it('[SP13] is invalid once that of its parent is, or the one that its creator had', async () => {
    const { harness, spawn, set, sessions, tokens } = await stage();
    const parent = await spawn();
    const child = await spawn(await agentCallOf(harness, parent), { model: 'child' });
    const grandchild = await spawn(await agentCallOf(harness, child), { model: 'grandchild' });
    for (const end of ['stopped', 'failed'] as const) {
      await set(parent, end);
      expect(await rejectionOf(harness, grandchild), end).toContain(parent);
      await set(parent, 'working');
      expect(await rejectionOf(harness, grandchild)).toBeUndefined();
    }
    const member = await tokens.create(createCall(), { role: 'member', projects: ['*'] });
    const byMember = await spawn(createCall({ id: member.id, role: 'member', tokenId: member.id }));
    expect(await rejectionOf(harness, byMember)).toBeUndefined();
    await tokens.revoke(createCall(), member.id);
    expect(await rejectionOf(harness, byMember)).toContain('revoked');
    const { projectId } = await sessions.get(createCall(), parent);
    const named = await spawn(createCall(), { sessionId: parent, model: 'named' });
    await sessions.remove(createCall(), parent);
    for (const id of [child, grandchild]) expect(await rejectionOf(harness, id)).toBeDefined();
    expect(await rejectionOf(harness, named)).toContain(parent);
    harness.advanceClock(1);
    await sessions.create(createCall(), { id: parent, projectId, taskIds: [] });
    expect(await rejectionOf(harness, named), 'another session of this id').toContain(parent);
  });

  it('[SP14] a claimed session is stopped only by its launcher, itself, its creator and admins', async () => {
    const { harness, project, spawn, launches, sessions } = await stage();
    const member = (id: string) => createCall({ id, role: 'member', projects: new Set([project.id]) });
    const stop = async (by: ReturnType<typeof createCall>, id: string) =>
      (await sessions.update(by, id, { status: 'stopped' })).status;
    let spawned = 0;
    const claimed = async () => {
      const id = await spawn(member('creator'), { model: `m${spawned++}` });
      await launches.assign(member('launcher'), id, 'laptop');
      return id;
    };
    const id = await claimed();
    const names = await harness.eventNamesOf(async () => {
      expect(await stop(member('dashboard'), id)).toBe('spawning');
    });
    expect(names).toEqual([]);
    expect(await stop(member('launcher'), id)).toBe('stopped');
    expect(await stop(member('creator'), await claimed())).toBe('stopped');
    expect(await stop(createCall(), await claimed())).toBe('stopped');
    const own = await claimed();
    expect(await stop(await agentCallOf(harness, own), own)).toBe('stopped');
    const unclaimed = await spawn(member('creator'), { model: 'unclaimed' });
    expect(await stop(member('dashboard'), unclaimed)).toBe('stopped');
  });
});

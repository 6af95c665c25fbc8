import { describe, expect, it } from 'vitest';
import { createActorStoreFactory } from '../../../src/application/access/actor-store.ts';
import { SpawnService } from '../../../src/application/agents/spawn-service.ts';
import { createManifest } from '../../../src/domain/agents/manifest.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';
import { createSpawnInput } from '../../support/services/spawn-samples.ts';

async function stage() {
  const harness = openServices();
  const { project, taskIds, tasks } = await projectWithTasks(harness, 'One', 'Two');
  const sessions = async () =>
    (await harness.services.sessions.list(createCall(), { limit: 100 }, false)).items;
  return { harness, project, taskIds, tasks, sessions, spawns: harness.services.spawns };
}

const keyed = (key: string, fingerprint = 'same') =>
  createCall({}, { idempotency: { key, route: 'POST /api/sessions/spawn', fingerprint } });

describe('a spawn', () => {
  it('[SP2] makes session, links, queue and events in one commit, with the manifest ready', async () => {
    const { harness, project, taskIds, spawns } = await stage();
    const before = harness.events.length;
    const input = createSpawnInput(project.id, taskIds, {
      strategy: 'queue',
      skills: ['stars'],
      context: { why: 1 },
    });
    const answer = await spawns.spawn(createCall(), input);
    const { session, sessionId } = answer;
    expect(session).toMatchObject({
      status: 'spawning',
      name: `Worker for ${taskIds[0]}`,
      taskIds,
      strategy: 'queue',
      metadata: {
        skills: ['stars'],
        spawnedBy: null,
        spawnSource: 'ui',
        role: 'worker',
        context: { why: 1 },
      },
      env: {
        MAESTRO_SESSION_ID: sessionId,
        MAESTRO_STRATEGY: 'queue',
        MAESTRO_MANIFEST_PATH: answer.manifestPath,
      },
    });
    const events = harness.events.slice(before).filter(({ stream }) => stream !== 'workspace');
    const names = events.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['session:created', 'session:task_added']);
    for (const name of ['queue:created', 'task:session_added', 'session:spawn'])
      expect(names).toContain(name);
    expect(names.filter((name) => name === 'session:updated')).toEqual([]);
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(events.find(({ name }) => name === 'session:spawn')?.data).toMatchObject({
      session: { id: sessionId },
      command: 'maestro worker init',
      cwd: project.workingDir,
      envVars: session.env,
      parentSessionId: null,
    });
    expect((await harness.services.queues.get(createCall(), sessionId)).stats).toMatchObject({ queued: 2 });
    expect(harness.manifests.get(sessionId)?.tasks.map(({ id }) => id)).toEqual(taskIds);
    expect(answer.env.MAESTRO_TOKEN).toBe(`signed:${session.launch?.tokenId}`);
  });

  it('[SP3] verifies a parent wherever one is named, and keeps to one project', async () => {
    const { harness, project, taskIds, spawns, sessions } = await stage();
    const other = await projectWithTasks(harness, 'Other');
    const elsewhere = await harness.services.sessions.create(createCall(), {
      projectId: other.project.id,
      taskIds: [],
    });
    const ended = await harness.services.sessions.create(createCall(), {
      ...{ projectId: project.id, taskIds: [], status: 'stopped' },
    });
    const count = (await sessions()).length;
    const spawn = (more: object) => spawns.spawn(createCall(), createSpawnInput(project.id, taskIds, more));
    await expect(spawn({ sessionId: 'nope' })).rejects.toMatchObject({ code: 'parent_session_not_found' });
    await expect(spawn({ sessionId: elsewhere.id })).rejects.toMatchObject({ code: 'BUSINESS_RULE_ERROR' });
    await expect(spawn({ sessionId: ended.id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(spawn({ taskIds: other.taskIds })).rejects.toMatchObject({ code: 'invalid_task_ids' });
    await expect(spawn({ taskIds: ['nope'] })).rejects.toMatchObject({
      code: 'task_not_found',
      details: { taskId: 'nope' },
    });
    await expect(spawn({ projectId: 'nope' })).rejects.toMatchObject({ code: 'project_not_found' });
    expect(await sessions()).toHaveLength(count);
    expect(harness.manifests.size).toBe(0);
    const parent = await spawn({});
    const child = await spawn({ sessionId: parent.sessionId, role: 'orchestrator' });
    expect(child.session.metadata).toMatchObject({
      spawnedBy: parent.sessionId,
      orchestratorStrategy: 'default',
    });
  });

  it('[SP4] under the same Idempotency-Key is answered with the first, whatever became of the rest', async () => {
    const { harness, project, taskIds, spawns, sessions } = await stage();
    const input = createSpawnInput(project.id, taskIds);
    const first = await spawns.spawn(keyed('k1'), input);
    await harness.services.tasks.remove(createCall(), taskIds[0] ?? '');
    const retry = keyed('k1');
    expect(await spawns.spawn(retry, input)).toEqual(first);
    expect(retry.outcome.replayed).toBe(true);
    expect(await sessions()).toHaveLength(1);
    expect(harness.manifests.size).toBe(1);
    const kept = await harness.store.read((reader) => reader.attempts.list({ limit: 10 }));
    expect(JSON.stringify(kept)).not.toContain('signed:');
    await expect(spawns.spawn(keyed('k1', 'other'), input)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    const both = await Promise.all(
      [1, 2].map(() => spawns.spawn(keyed('k2'), { ...input, taskIds: taskIds.slice(1) })),
    );
    expect(both[0]).toEqual(both[1]);
    expect(harness.manifests.size).toBe(2);
  });

  it('[SP5] with an equal body is the same one for 30 seconds, while that waits, for one actor', async () => {
    const { harness, project, taskIds, spawns } = await stage();
    const input = createSpawnInput(project.id, taskIds);
    const spawn = async (actor = {}, more = {}) =>
      (await spawns.spawn(createCall(actor), { ...input, ...more })).sessionId;
    const [first, second] = await Promise.all([spawn(), spawn()]);
    expect(second).toBe(first);
    harness.advanceClock(29_999);
    expect(await spawn()).toBe(first);
    expect(harness.manifests.size).toBe(1);
    expect(await spawn({ id: 'somebody' })).not.toBe(first);
    expect(await spawn({}, { model: 'large' })).not.toBe(first);
    harness.advanceClock(1);
    const later = await spawn();
    expect(later).not.toBe(first);
    await harness.services.sessions.update(createCall(), later, { status: 'working' });
    expect(await spawn()).not.toBe(later);
  });

  it('[SP6] that cannot be written leaves nothing behind', async () => {
    const { harness, project, taskIds, sessions } = await stage();
    const left: string[] = [];
    const dependencies = {
      host: { hostname: 'here', platform: 'test' },
      signToken: () => 'signed',
      tokenPolicy: { lifetimeMs: 1000, graceMs: 1000 },
      serverEnvironment: {},
      now: Date.now,
      manifestGenerator: {
        generate: async (request: Parameters<typeof createManifest>[0]) => createManifest(request),
      },
      manifestFolder: {
        write: async (id: string) => `/${left[left.push(id) - 1]}`,
        remove: async (id: string) => void left.splice(left.indexOf(id), 1),
      },
    };
    const failed = new AppError('STORE_FAILED', 'The disk is gone.');
    const broken = new SpawnService({
      ...dependencies,
      open: (by) => ({ ...harness.open(by), transaction: () => Promise.reject(failed) }),
    });
    await expect(broken.spawn(createCall(), createSpawnInput(project.id, taskIds))).rejects.toBe(failed);
    const unwritable = new SpawnService({
      ...dependencies,
      open: createActorStoreFactory(harness.store),
      manifestFolder: { ...dependencies.manifestFolder, write: () => Promise.reject(new Error('no space')) },
    });
    await expect(unwritable.spawn(createCall(), createSpawnInput(project.id, taskIds))).rejects.toThrow(
      'no space',
    );
    expect(left).toEqual([]);
    expect(await sessions()).toEqual([]);
    expect((await harness.services.tasks.get(createCall(), taskIds[0] ?? '')).sessionIds).toEqual([]);
  });

  it('[SP7] of a tree takes all that is a part of the named tasks, parents before their parts', async () => {
    const { harness, project, taskIds, spawns } = await stage();
    const part = async (parentId: string, title: string) =>
      (await harness.services.tasks.create(createCall(), project.id, { title, parentId })).id;
    const [root = ''] = taskIds;
    const a = await part(root, 'A');
    const b = await part(root, 'B');
    const a1 = await part(a, 'A1');
    const tree = createSpawnInput(project.id, [root, a], { strategy: 'tree' });
    const { session, sessionId } = await spawns.spawn(createCall(), tree);
    expect(session).toMatchObject({ strategy: 'tree', env: { MAESTRO_STRATEGY: 'tree' } });
    expect(session.taskIds).toEqual([root, a, a1, b]);
    expect(harness.manifests.get(sessionId)).toMatchObject({
      strategy: 'simple',
      context: { custom: { strategy: 'tree', taskIds: [root, a, a1, b] } },
      tasks: [{ id: root }, { id: a, parentId: root }, { id: a1, parentId: a }, { id: b, parentId: root }],
    });
  });
});

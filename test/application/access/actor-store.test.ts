import { describe, expect, it } from 'vitest';
import { createActorStoreFactory } from '../../../src/application/access/actor-store.ts';
import { type Kind, kinds, logKinds } from '../../../src/application/store/collections.ts';
import { samples as entitySamples, sampleProjectId } from '../../support/samples/samples.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

const ofTheWorkspace: ReadonlySet<Kind> = new Set(['tokens', 'templates']);

describe('the store as an actor sees it', () => {
  it('[AU21] lets nothing of a project exist for an actor who may not see it, of whatever kind', async () => {
    const harness = openServices();
    const projectId = sampleProjectId;
    const samples = { ...entitySamples, projects: () => ({ ...entitySamples.projects(), id: projectId }) };
    await harness.store.transaction('test', async (tx) => {
      await tx.lock('workspace');
      await tx.lock(`project:${projectId}`);
      for (const kind of kinds) await tx[kind].insert(samples[kind]() as never);
    });
    const stranger = createCall({ role: 'member', projects: new Set(['proj_other']) });
    const insider = createCall({ role: 'member', projects: new Set([projectId]) });
    const open = createActorStoreFactory(harness.store);
    for (const kind of kinds) {
      const seen = async (by: typeof stranger) =>
        open(by).read(async (reader) => (await reader[kind].list({ limit: 10 })).items.length);
      if (ofTheWorkspace.has(kind)) continue;
      expect(await seen(stranger), kind).toBe(0);
      if (kind !== 'attempts' && kind !== 'tickets') expect(await seen(insider), kind).toBe(1);
    }
    for (const log of logKinds) {
      const owner = { id: 'sess_1', projectId };
      await expect(open(stranger).read((reader) => reader[log].count(owner))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('[AU22] answers what may not be seen exactly as what does not exist', async () => {
    const harness = openServices();
    const { taskIds } = await projectWithTasks(harness, 'A');
    const stranger = { role: 'member', projects: new Set(['proj_other']) } as const;
    const id = taskIds[0] ?? '';
    const ask = async (task: string) =>
      harness.services.tasks.get(createCall(stranger), task).catch((error: Error & { code: string }) => ({
        code: error.code,
        message: error.message.replaceAll(task, '<id>'),
      }));
    expect(await ask(id)).toEqual(await ask('task_none'));
    await expect(
      harness.services.tasks.update(createCall(stranger), id, { title: 'x' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(harness.services.tasks.remove(createCall(stranger), id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('[AU23] narrows every list to the projects of the actor, whatever was asked', async () => {
    const harness = openServices();
    const mine = await projectWithTasks(harness, 'A');
    const theirs = await projectWithTasks(harness, 'B');
    const me = createCall({ role: 'member', projects: new Set([mine.project.id]) });
    const list = async (projectId?: string | string[]) =>
      (await harness.services.tasks.list(me, { limit: 10, where: { projectId } })).items.map(
        (task) => task.title,
      );
    expect(await list()).toEqual(['A']);
    expect(await list(theirs.project.id)).toEqual([]);
    expect(await list([mine.project.id, theirs.project.id])).toEqual(['A']);
    expect((await harness.services.projects.list(me, { limit: 10 })).items).toEqual([mine.project]);
  });

  it('[AU24] says where the streams stood that a call read or changed', async () => {
    const harness = openServices();
    const { project, taskIds } = await projectWithTasks(harness, 'A');
    const head = await harness.store.read((reader) => reader.events.head(`project:${project.id}`));
    const read = createCall();
    await harness.services.tasks.get(read, taskIds[0] ?? '');
    expect(read.outcome.positions).toEqual(new Map([[`project:${project.id}`, head]]));
    const write = createCall();
    await harness.services.tasks.update(write, taskIds[0] ?? '', { title: 'B' });
    expect(write.outcome.positions).toEqual(
      new Map([[`project:${project.id}`, { ...head, seq: head.seq + 1 }]]),
    );
  });
});

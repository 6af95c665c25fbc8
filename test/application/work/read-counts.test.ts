import { describe, expect, it } from 'vitest';
import { createCall, openServices } from '../../support/services/service-harness.ts';
import { openConfiguredStore } from '../../support/stores/configured-store.ts';
import { withReadCounts } from '../../support/stores/counting-store.ts';

async function stage() {
  const store = withReadCounts(openConfiguredStore({ now: Date.now }));
  const { services } = openServices({}, store);
  const { id: projectId } = await services.projects.create(createCall(), { name: 'Reads' });
  const taskIds: string[] = [];
  for (const title of ['one', 'two']) {
    taskIds.push((await services.tasks.create(createCall(), projectId, { title })).id);
  }
  const input = { projectId, taskIds, strategy: 'queue' } as const;
  const { id } = await services.sessions.create(createCall(), input);
  return { store, services, id, taskId: taskIds[0] ?? '' };
}

describe('[UW1] what an operation reads', () => {
  it('is at most 8 things to start an item and 8 to end it', async () => {
    const { store, services, id } = await stage();
    const { queues } = services;
    expect((await store.readsOf(() => queues.start(createCall(), id, 0))).length).toBeLessThanOrEqual(8);
    expect((await store.readsOf(() => queues.complete(createCall(), id))).length).toBeLessThanOrEqual(8);
    await queues.start(createCall(), id, 0);
    expect(
      (await store.readsOf(() => queues.fail(createCall(), id, { reason: 'why' }))).length,
    ).toBeLessThanOrEqual(8);
  });

  it('is at most 5 things for a report to the timeline', async () => {
    const { store, services, id } = await stage();
    const report = { type: 'progress', message: 'half way' } as const;
    const reads = await store.readsOf(() => services.sessionLogs.report(createCall(), id, report));
    expect(reads.length).toBeGreaterThan(1);
    expect(reads.length).toBeLessThanOrEqual(5);
  });

  it('is at most 2 things to change a task', async () => {
    const { store, services, taskId } = await stage();
    const patch = { title: 'changed', status: 'in_progress' } as const;
    const reads = await store.readsOf(() => services.tasks.update(createCall(), taskId, patch));
    expect(reads).toEqual(['tasks.get', 'tasks.get']);
  });
});

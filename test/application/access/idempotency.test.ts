import { describe, expect, it } from 'vitest';
import { collections } from '../../../src/application/store/collections.ts';
import { expireEntities } from '../../../src/application/store/expire-entities.ts';
import { createCall, openServices, projectWithTasks } from '../../support/services/service-harness.ts';

const keyed = (key: string, fingerprint = 'same') =>
  createCall({}, { idempotency: { key, route: 'POST /api/projects', fingerprint } });

describe('attempts', () => {
  it('[AU25] a retry under the same key gets the first answer and changes nothing', async () => {
    const { services } = openServices();
    const first = await services.projects.create(keyed('k1'), { name: 'P' });
    const retry = keyed('k1');
    expect(await services.projects.create(retry, { name: 'P' })).toEqual(first);
    expect(retry.outcome.replayed).toBe(true);
    const both = await Promise.all([1, 2].map(() => services.projects.create(keyed('k2'), { name: 'Q' })));
    expect(both[0]).toEqual(both[1]);
    expect((await services.projects.list(createCall(), { limit: 10 })).items).toHaveLength(2);
  });

  it('[AU26] a key is rejected for another request, and is separate for each actor and route', async () => {
    const { services } = openServices();
    const first = await services.projects.create(keyed('k1'), { name: 'P' });
    await expect(services.projects.create(keyed('k1', 'other'), { name: 'Q' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    const other = createCall(
      { id: 'other' },
      { idempotency: { key: 'k1', route: 'POST /api/projects', fingerprint: 'same' } },
    );
    expect((await services.projects.create(other, { name: 'P' })).id).not.toBe(first.id);
  });

  it('[AU27] an attempt that failed or changed nothing may be made again', async () => {
    const harness = openServices();
    const { project } = await projectWithTasks(harness);
    const session = await harness.services.sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [],
      strategy: 'queue',
    });
    await expect(harness.services.queues.complete(keyed('k'), session.id)).rejects.toMatchObject({
      code: 'QUEUE_IDLE',
    });
    expect(await harness.services.queues.start(keyed('k'), session.id, 0)).toMatchObject({ empty: true });
    const task = await harness.services.tasks.create(createCall(), project.id, { title: 'A' });
    await harness.services.queues.push(createCall(), session.id, task.id);
    expect(await harness.services.queues.start(keyed('k'), session.id, 0)).toMatchObject({
      item: { taskId: task.id },
    });
  });

  it('[AU28] attempts are forgotten after a day, and tickets after half a minute', async () => {
    const harness = openServices();
    const first = await harness.services.projects.create(keyed('k1'), { name: 'P' });
    const lifetime = collections.attempts.lifetime ?? 0;
    harness.advanceClock(lifetime);
    const second = await harness.services.projects.create(keyed('k1'), { name: 'P' });
    expect(second.id).not.toBe(first.id);
    await harness.services.projects.create(keyed('k2'), { name: 'P' });
    harness.advanceClock(lifetime);
    expect(await expireEntities(harness.store, second.createdAt + lifetime)).toBe(2);
    const { expiresAt } = await harness.services.tickets.issue(createCall());
    expect(await expireEntities(harness.store, expiresAt - 1)).toBe(0);
    expect(await expireEntities(harness.store, expiresAt)).toBe(1);
  });
});

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

  it('[AU26] a key is refused for another request, and is its own for every actor and route', async () => {
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
    const bench = openServices();
    const { project } = await projectWithTasks(bench);
    const session = await bench.services.sessions.create(createCall(), {
      projectId: project.id,
      taskIds: [],
      strategy: 'queue',
    });
    await expect(bench.services.queues.complete(keyed('k'), session.id)).rejects.toMatchObject({
      code: 'QUEUE_IDLE',
    });
    expect(await bench.services.queues.start(keyed('k'), session.id, 0)).toMatchObject({ empty: true });
    const task = await bench.services.tasks.create(createCall(), project.id, { title: 'A' });
    await bench.services.queues.push(createCall(), session.id, task.id);
    expect(await bench.services.queues.start(keyed('k'), session.id, 0)).toMatchObject({
      item: { taskId: task.id },
    });
  });

  it('[AU28] attempts are forgotten after a day, and tickets after half a minute', async () => {
    const bench = openServices();
    const first = await bench.services.projects.create(keyed('k1'), { name: 'P' });
    const lifetime = collections.attempts.lifetime ?? 0;
    bench.advanceClock(lifetime);
    const second = await bench.services.projects.create(keyed('k1'), { name: 'P' });
    expect(second.id).not.toBe(first.id);
    await bench.services.projects.create(keyed('k2'), { name: 'P' });
    bench.advanceClock(lifetime);
    expect(await expireEntities(bench.store, second.createdAt + lifetime)).toBe(2);
    const { expiresAt } = await bench.services.tickets.issue(createCall());
    expect(await expireEntities(bench.store, expiresAt - 1)).toBe(0);
    expect(await expireEntities(bench.store, expiresAt)).toBe(1);
  });
});
